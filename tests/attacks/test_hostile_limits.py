"""Connectors that take without end, hide what they take, or do not end when told to."""

import dataclasses
import time
from contextlib import suppress
from pathlib import Path

import pytest

from connectory.backends.targets import (
    InstanceUnreachableError,
    Phase,
)
from connectory.backends.targets.local import sandbox
from marketplaces import wait_until
from prisons import DISK_MB, Prison, ended, hostile, start

pytestmark = pytest.mark.skipif(sandbox.find() is None, reason="bubblewrap does not work here")


def test_forks_without_end_stop_at_a_limit(prison: Prison) -> None:
    said = prison.do(
        "import os, signal, time\n"
        "made = []\n"
        "try:\n"
        "    for _ in range(5000):\n"
        "        pid = os.fork()\n"
        "        if pid == 0: time.sleep(60)\n"
        "        made.append(pid)\n"
        "except OSError as failure: print(type(failure).__name__, len(made))\n"
        "for pid in made: os.kill(pid, signal.SIGKILL)\n"
        "for pid in made: os.waitpid(pid, 0)"
    )

    assert said.startswith("BlockingIOError")
    assert int(said.split()[1]) < sandbox.PROCESSES


def test_memory_of_many_processes_counts_together(doomed: Prison) -> None:
    with suppress(InstanceUnreachableError):
        doomed.do(
            "import os, time\n"
            "for _ in range(8):\n"
            "    if os.fork() == 0: kept = bytearray(b'x' * 64) * 1_000_000; time.sleep(60)\n"
            "time.sleep(8)"
        )

    wait_until(lambda: ended(doomed, "of memory, more than its 256 MB"))


def test_files_without_end_stop_at_a_limit(doomed: Prison) -> None:
    with suppress(InstanceUnreachableError):
        doomed.do(
            "import time\n"
            "for n in range(30): open(str(n), 'wb').write(bytes(1_000_000))\n"
            "time.sleep(8)"
        )

    wait_until(lambda: ended(doomed, f"more than the {DISK_MB} MB they may have"))
    assert doomed.target.observe(doomed.spec.instance).restarts <= 2


def test_deleted_files_that_are_open_count_too(doomed: Prison) -> None:
    with suppress(InstanceUnreachableError):
        doomed.do(
            "import os, time\n"
            "kept = open('big', 'wb'); os.unlink('big')\n"
            "for _ in range(30): kept.write(bytes(1_000_000))\n"
            "kept.flush(); time.sleep(8)"
        )

    wait_until(lambda: ended(doomed, f"more than the {DISK_MB} MB they may have"))


def test_files_in_a_folder_that_is_closed_are_seen_or_not_allowed(doomed: Prison) -> None:
    with suppress(InstanceUnreachableError):
        doomed.do(
            "import os, time\n"
            "os.mkdir('closed')\n"
            "for n in range(30): open(f'closed/{n}', 'wb').write(bytes(1_000_000))\n"
            "os.chmod('closed', 0)\n"
            "time.sleep(8)"
        )

    seen, unseen = f"more than the {DISK_MB} MB they may have", "that nobody can look into"
    wait_until(lambda: ended(doomed, seen) or ended(doomed, unseen))


@pytest.mark.parametrize(
    ("depth", "name"),
    [pytest.param(30, "d" * 250, id="for a path"), pytest.param(1500, "d", id="for recursion")],
)
def test_files_in_a_folder_too_deep_are_seen_or_not_allowed(
    doomed: Prison, depth: int, name: str
) -> None:
    with suppress(InstanceUnreachableError):
        doomed.do(
            "import os, time\n"
            f"for n in range({depth}):\n"
            f"    os.mkdir({name!r}); os.chdir({name!r})\n"
            "    if n % 40 == 29: open('big', 'wb').write(bytes(1_000_000))\n"
            "time.sleep(8)"
        )

    seen, unseen = f"more than the {DISK_MB} MB they may have", "that nobody can look into"
    wait_until(lambda: ended(doomed, seen) or ended(doomed, unseen))


def test_a_flood_of_its_log_keeps_the_last_of_it(doomed: Prison) -> None:
    doomed.do(
        "import os\n"
        "line = b'x' * 999 + b'\\n'\n"
        "for _ in range(300): os.write(1, line * 100)\n"
        "os.write(1, b'the end\\n')"
    )
    wait_until(lambda: doomed.log()[-1] == "the end", seconds=60)

    logs = doomed.data / "instances" / doomed.spec.instance / "log"
    assert sum(one.stat().st_size for one in logs.iterdir()) < 17_000_000


def test_memory_without_end_stops_at_a_limit(prison: Prison) -> None:
    assert "MemoryError" in prison.do("bytearray(4_000_000_000)")


def test_temporary_files_stop_at_a_limit(prison: Prison) -> None:
    said = prison.do("for n in range(200): open(f'/tmp/{n}', 'wb').write(bytes(1_000_000))\n")
    prison.do(
        "import glob, os\nfor f in glob.glob('/tmp/*'):\n    os.path.isfile(f) and os.unlink(f)"
    )

    assert "No space left" in said


def test_what_double_forks_away_ends_with_it(prison: Prison, tmp_path: Path) -> None:
    spec = hostile(tmp_path)
    start(prison.target, spec)
    inside = dataclasses.replace(prison, spec=spec)
    inside.do(
        "import os, signal, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "    if os.fork() == 0: time.sleep(600)\n"
        "    os._exit(0)\n"
    )
    mark = f"HOME={prison.data}/instances/{spec.instance}/home".encode()

    prison.target.remove(spec.instance)

    assert not [one for one in Path("/proc").glob("[0-9]*") if mark in environment_of(one)]
    assert not (prison.data / "instances" / spec.instance).exists()


def test_what_ignores_sigterm_is_killed(prison: Prison, tmp_path: Path) -> None:
    spec = hostile(tmp_path)
    start(prison.target, spec)
    dataclasses.replace(prison, spec=spec).do(
        "import ctypes; ctypes.CDLL(None).signal(15, ctypes.c_void_p(1))"
    )
    began = time.monotonic()

    prison.target.stop(spec.instance)

    assert time.monotonic() - began < 15
    assert prison.target.observe(spec.instance).phase is Phase.STOPPED
    prison.target.remove(spec.instance)


def test_server_and_neighbour_answered_throughout(prison: Prison) -> None:
    assert prison.watch.wrong == []
    assert prison.watch.asked > 10
    assert prison.watch.slowest_s < 10


def environment_of(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""
