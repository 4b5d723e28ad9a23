"""The supervisor of one instance, as it runs: one file, in a process of its own."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from connectory.backends.targets.local import control, log, packing, strays
from connectory.backends.targets.local.shim import contract, light, supervisor
from connectory.backends.targets.local.shim.contract import CONFIG, CONTROL, HOME, LOGS, Config
from connectory.gates import process

SECRET = "canary-7f3d91"
SLEEP = "import time; time.sleep(60)"
STUBBORN = (
    "import signal, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('ready'); time.sleep(60)"
)
FLOOD = "while True: print('x' * 200)"


class Shim:
    """A shim with a connector that is a few lines of Python."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / HOME).mkdir(parents=True)
        self.copy = folder.with_suffix(".pyz")
        self.copy.write_bytes(packing.packed()[1])

    def start(self, code: str, **options: object) -> process.Finished:
        config = Config(
            label="payments/leads",
            generation=1,
            argv=[sys.executable, "-I", "-S", "-u", "-c", code],
            environment={"HOME": str(self.folder / HOME), "INPUT_A": "1"},
            memory=256_000_000,
            timeout_s=1,
        )
        values = asdict(config) | options
        (self.folder / CONFIG).write_text(json.dumps(values))
        return process.run(
            [sys.executable, "-I", "-S", str(self.copy), str(self.folder)],
            cwd=self.folder,
            environment={"HOME": str(self.folder / HOME)},
            timeout_s=15,
            input=json.dumps({"SECRET_A": SECRET}).encode(),
        )

    def stop(self, *, at_once: bool = False) -> None:
        control.stop(self.folder, 15, at_once=at_once)

    @property
    def phase(self) -> str:
        state = control.state(self.folder)
        return state.phase if state else "none"

    @property
    def messages(self) -> list[str]:
        return [line.message for line in log.read(self.folder / LOGS, after=0, limit=10_000)]

    @property
    def pids(self) -> tuple[int, ...]:
        return strays.find(self.folder / HOME)

    @property
    def connector(self) -> int:
        state = control.state(self.folder)
        assert state is not None
        assert state.pid is not None
        return state.pid

    @property
    def supervisor(self) -> int:
        return next(pid for pid in self.pids if pid != self.connector)


@pytest.fixture
def shim(tmp_path: Path) -> Iterator[Shim]:
    shim = Shim(tmp_path / "inst_A")
    yield shim
    shim.stop()
    strays.kill(shim.folder / HOME)


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_the_same_code_is_packed_into_the_same_bytes() -> None:
    first = packing.packed()
    packing.packed.cache_clear()

    assert packing.packed() == first


def test_the_copy_brings_no_module_that_is_large_and_not_needed(shim: Shim) -> None:
    """Each instance pays for what its supervisor imports, and most of them only wait."""
    code = (
        f"import sys; sys.path.insert(0, {str(shim.copy)!r})\n"
        f"from {supervisor.__name__} import Config\n"
        "print(*sys.modules, sep='\\n')"
    )
    known = {"HOME": str(shim.folder)}
    finished = process.run(
        [sys.executable, "-I", "-S", "-c", code],
        cwd=shim.folder,
        environment=known,
        timeout_s=15,
    )

    large = {"inspect", "ast", "typing", "logging", "asyncio", "ssl", "email", "http"}
    assert finished.stderr == b""
    assert large & set(finished.stdout.decode().split()) == set()


def test_its_records_are_made_as_dataclasses_are(tmp_path: Path) -> None:
    """In the copy a smaller module has the name of the one of the standard library."""
    (tmp_path / "dataclasses.py").write_bytes(Path(light.__file__).read_bytes())
    (tmp_path / "contract.py").write_bytes(Path(contract.__file__).read_bytes())
    code = (
        "import contract, json; from dataclasses import asdict\n"
        "used = contract.Used(generation=1, since='', starts=0)\n"
        "made = [contract.State(3, 'running'), used]\n"
        "print(json.dumps([asdict(one) for one in made]))\n"
        "for wrong in ({}, {'generation': 1, 'nonsense': 1}):\n"
        "    try: contract.State(**wrong)\n"
        "    except TypeError as refused: print(refused)"
    )

    said = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    made, *refused = said.stdout.splitlines()
    standard = [contract.State(3, "running"), contract.Used(generation=1, since="", starts=0)]
    assert json.loads(made) == [asdict(one) for one in standard]
    assert refused == ["State needs generation", "State has no nonsense"]


def test_what_starts_it_gets_it_back_at_once_and_it_goes_on(shim: Shim) -> None:
    finished = shim.start(SLEEP)

    assert finished == process.Finished(0, b"", b"")
    wait_for(lambda: shim.phase == "starting")
    assert os.getsid(shim.supervisor) == shim.supervisor
    assert os.getsid(shim.connector) == shim.connector


def test_a_second_one_for_the_same_instance_gives_up(shim: Shim) -> None:
    shim.start(SLEEP)
    connector = shim.connector

    second = shim.start(SLEEP)

    assert second.returncode == -signal.SIGALRM
    assert shim.connector == connector
    assert len(shim.pids) == 2


def test_secrets_are_in_the_environment_of_the_connector_and_nowhere_else(shim: Shim) -> None:
    shim.start("import os, time; print(os.environ['SECRET_A']); time.sleep(60)")
    wait_for(lambda: "***" in shim.messages)

    seen = {
        name: Path(f"/proc/{shim.supervisor}/{name}").read_bytes()
        for name in ("cmdline", "environ")
    }
    files = {path: path.read_bytes() for path in shim.folder.rglob("*") if path.is_file()}

    assert SECRET.encode() in Path(f"/proc/{shim.connector}/environ").read_bytes()
    assert SECRET.encode() not in Path(f"/proc/{shim.connector}/cmdline").read_bytes()
    assert [
        name for name, content in (seen | files).items() if SECRET.encode() in content
    ] == []


def test_its_end_is_the_end_of_the_connector(shim: Shim) -> None:
    shim.start(SLEEP)
    connector = shim.connector

    os.kill(shim.supervisor, signal.SIGKILL)

    wait_for(lambda: not is_alive(connector))


def test_each_crash_makes_the_pause_longer_up_to_the_longest(shim: Shim) -> None:
    shim.start("raise SystemExit(7)", first_pause_s=0.05, longest_pause_s=0.2)

    reasons: list[str] = []
    while len(reasons) < 4:
        state = control.state(shim.folder)
        assert state is not None
        if state.phase == "backing-off" and (not reasons or state.restarts == len(reasons)):
            reasons.append(state.reason)

    assert reasons == [
        f"it ended with exit code 7; it starts again after {pause} s"
        for pause in ("0.05", "0.1", "0.2", "0.2")
    ]


def test_after_a_long_time_of_running_the_pauses_begin_anew(shim: Shim) -> None:
    shim.start("raise SystemExit(7)", first_pause_s=0.05, healthy_s=0)

    wait_for(lambda: shim.messages.count("it ended with exit code 7") == 4)

    state = control.state(shim.folder)
    assert state is not None
    assert state.reason in ("", "it ended with exit code 7; it starts again after 0.05 s")


def test_a_program_that_is_not_there_is_tried_again_later(shim: Shim) -> None:
    shim.start(SLEEP, argv=["/nowhere/python"])

    wait_for(lambda: shim.phase == "backing-off")

    state = control.state(shim.folder)
    assert state is not None
    assert "/nowhere/python" in state.reason


def test_stopping_asks_first_and_lets_the_connector_finish(shim: Shim) -> None:
    code = (
        "import signal, time\n"
        "def end(*_): print('finished'); raise SystemExit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('ready'); time.sleep(60)"
    )
    shim.start(code)
    wait_for(lambda: "ready" in shim.messages)

    shim.stop()

    assert shim.messages[-2:] == ["finished", "it ended with exit code 0"]
    wait_for(lambda: shim.pids == ())


def test_a_connector_that_does_not_want_to_end_is_killed(shim: Shim) -> None:
    shim.start(STUBBORN, grace_s=0.2)
    wait_for(lambda: "ready" in shim.messages)

    shim.stop()

    assert "it did not end within 0.2 s and is killed" in shim.messages
    wait_for(lambda: shim.pids == ())


def test_a_connector_that_is_stopped_at_once_gets_no_grace(shim: Shim) -> None:
    shim.start(STUBBORN, grace_s=60)
    wait_for(lambda: "ready" in shim.messages)

    shim.stop(at_once=True)

    assert "it is killed at once, as it was told" in shim.messages
    assert shim.phase == "none"
    wait_for(lambda: shim.pids == ())


def test_one_that_has_its_grace_already_is_killed_at_once(shim: Shim) -> None:
    shim.start(STUBBORN, grace_s=60)
    wait_for(lambda: "ready" in shim.messages)
    os.kill(shim.supervisor, signal.SIGTERM)

    shim.stop(at_once=True)

    wait_for(lambda: shim.pids == ())


def test_a_signal_to_the_supervisor_stops_both(shim: Shim) -> None:
    shim.start(SLEEP)
    wait_for(lambda: shim.messages)

    os.kill(shim.supervisor, signal.SIGTERM)

    wait_for(lambda: shim.pids == ())


def test_children_that_hide_in_another_session_end_with_the_connector(shim: Shim) -> None:
    hide = (
        "import os, sys, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        os.execve('/bin/sleep', ['sleep', '61.5'], {})\n"
        "    os._exit(0)\n"
        "os.wait(); print('hidden'); time.sleep(60)"
    )
    shim.start(hide)
    wait_for(lambda: "hidden" in shim.messages)
    children = Path(f"/proc/{shim.supervisor}/task/{shim.supervisor}/children").read_text()
    hidden = next(int(pid) for pid in children.split() if int(pid) != shim.connector)

    shim.stop()

    assert not is_alive(hidden)


def test_a_connector_has_limits_and_cannot_gain_privileges(shim: Shim) -> None:
    code = (
        "import resource as r, time\n"
        "for name in ('AS', 'NOFILE', 'CORE', 'FSIZE'):\n"
        "    print(name, r.getrlimit(getattr(r, 'RLIMIT_' + name))[1])\n"
        "print([line for line in open('/proc/self/status') if 'NoNewPrivs' in line])\n"
        "time.sleep(60)"
    )
    shim.start(code)
    wait_for(lambda: len(shim.messages) == 6)

    assert shim.messages[1:] == [
        "AS 1560870912",
        "NOFILE 1024",
        "CORE 0",
        "FSIZE 268435456",
        r"['NoNewPrivs:\t1\n']",
    ]


def test_a_flood_of_lines_fills_no_disk_and_delays_no_stop(shim: Shim) -> None:
    shim.start(FLOOD, log_bytes=50_000, log_segments=3)
    wait_for(lambda: min(map(int, (p.stem for p in (shim.folder / LOGS).iterdir()))) > 0)

    began = time.monotonic()
    shim.stop()

    assert time.monotonic() - began < 5
    sizes = [path.stat().st_size for path in (shim.folder / LOGS).iterdir()]
    assert len(sizes) <= 3
    assert max(sizes) < 51_000


@pytest.mark.parametrize("said", [b"", b"\0\xff", b"[" * 1000, b"[]", b'{"do": 1}', b"null"])
def test_nonsense_on_the_socket_changes_nothing(shim: Shim, said: bytes) -> None:
    shim.start(SLEEP)
    connector = shim.connector

    with contextlib.chdir(shim.folder), socket.socket(socket.AF_UNIX) as other:
        other.connect(CONTROL)  # the whole path may be longer than such an address
        other.sendall(said)

    assert shim.connector == connector
