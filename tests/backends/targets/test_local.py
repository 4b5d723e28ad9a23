"""The local target beyond the contract: its files, its processes, and some of them killed."""

import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectory.backends.targets import InstanceSpec, InstanceUnreachableError, Phase
from connectory.backends.targets.local import strays
from connectory.backends.targets.local.target import LocalTarget, LocalTargetError
from connectory.gates.archive import pack
from connectory.kernel.digest import digest_of
from connectory.kernel.ids import new_id
from connectory.kernel.secret import Secret

CANARY = "canary-7f3d91"
CONNECTOR = b"""\
import os, socket, threading
listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
if os.fork() == 0:
    os.setsid()  # the supervisor sees it as long as it lives itself
threading.Event().wait()
"""
STARTER = """\
import sys, time
from pathlib import Path
from connectory.backends.targets import InstanceSpec
from connectory.backends.targets.local.target import LocalTarget
data, bundle, instance, digest = sys.argv[1:]
spec = InstanceSpec(instance, "payments/leads", 1, digest, Path(bundle), "lead", {}, {})
LocalTarget(Path(data)).apply(spec)
print("applied", flush=True)
time.sleep(60)
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def target(data: Path) -> LocalTarget:
    return LocalTarget(data)


@pytest.fixture
def spec(target: LocalTarget, tmp_path: Path) -> Iterator[InstanceSpec]:
    bundle = tmp_path / "package.tar.gz"
    with bundle.open("wb") as into:
        pack({"src/lead.py": CONNECTOR}, into)
    digest = digest_of(bundle.read_bytes())
    secrets = {"SECRET_TOKEN": Secret(CANARY)}
    spec = InstanceSpec(
        new_id("inst"), "payments/leads", 1, digest, bundle, "lead", {}, secrets
    )
    yield spec
    target.remove(spec.instance)


def processes(data: Path, spec: InstanceSpec) -> tuple[int, ...]:
    return strays.find(data.resolve() / "instances" / spec.instance / "home")


def run(target: LocalTarget, spec: InstanceSpec) -> None:
    target.apply(spec)
    wait_for(lambda: target.observe(spec.instance).phase is Phase.RUNNING)


def shim_of(target: LocalTarget, spec: InstanceSpec) -> int:
    connector = target.observe(spec.instance).pid
    status = Path(f"/proc/{connector}/status").read_text()
    return int(status.partition("PPid:")[2].split()[0])


def starter(data: Path, spec: InstanceSpec) -> "subprocess.Popen[bytes]":
    argv = [sys.executable, "-c", STARTER, data, spec.bundle, spec.instance, spec.digest]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, start_new_session=True)


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_an_instance_survives_the_process_that_started_it_and_is_adopted_by_the_next(
    data: Path, target: LocalTarget, spec: InstanceSpec
) -> None:
    with starter(data, spec) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"applied\n"
        os.killpg(first.pid, signal.SIGKILL)
    wait_for(lambda: target.observe(spec.instance).phase is Phase.RUNNING)
    before = target.observe(spec.instance)

    target.apply(spec)

    assert target.observe(spec.instance) == before


def test_processes_that_apply_one_generation_at_once_start_one(
    data: Path, target: LocalTarget, spec: InstanceSpec
) -> None:
    with starter(data, spec) as one, starter(data, spec) as two:
        for other in (one, two):
            assert other.stdout is not None
            assert other.stdout.readline() == b"applied\n"
            other.kill()
    wait_for(lambda: target.observe(spec.instance).phase is Phase.RUNNING)

    started = [x for x in target.logs(spec.instance) if x.message.startswith("started")]

    assert len(started) == 1
    assert len(processes(data, spec)) == 3  # shim, connector and its child


def test_removal_leaves_no_file_and_no_process(
    data: Path, target: LocalTarget, spec: InstanceSpec
) -> None:
    target.prepare(spec)
    target.apply(dataclasses.replace(spec, instance="inst_OTHER"))
    target.remove("inst_OTHER")
    before = files(data)
    run(target, spec)
    home = data / "instances" / spec.instance / "home"
    (home / "locked").mkdir()
    (home / "locked/file").touch()
    (home / "locked").chmod(0)
    (home / "link").symlink_to(data)

    target.remove(spec.instance)

    assert files(data) == before
    assert list((data / "instances").iterdir()) == []
    assert processes(data, spec) == ()


def test_no_secret_is_on_disk_or_in_the_list_of_processes(
    data: Path, target: LocalTarget, spec: InstanceSpec
) -> None:
    run(target, spec)

    everywhere = files(data)
    for pid in processes(data, spec):
        everywhere[f"arguments of {pid}"] = Path(f"/proc/{pid}/cmdline").read_bytes()
    everywhere["shim"] = Path(f"/proc/{shim_of(target, spec)}/environ").read_bytes()

    assert [name for name, content in everywhere.items() if CANARY.encode() in content] == []


def test_what_an_instance_keeps_is_for_its_user_only(
    data: Path, target: LocalTarget, spec: InstanceSpec
) -> None:
    run(target, spec)

    folder = data / "instances" / spec.instance
    open_to_others = [
        path
        for path in (folder.parent, folder, *folder.rglob("*"))
        if path.stat().st_mode & 0o077
    ]

    assert open_to_others == []


def test_an_instance_without_its_supervisor_is_absent_until_it_is_applied_again(
    data: Path, target: LocalTarget, spec: InstanceSpec
) -> None:
    run(target, spec)
    os.kill(shim_of(target, spec), signal.SIGKILL)
    wait_for(lambda: len(processes(data, spec)) == 1)  # the child of the connector

    absent = target.observe(spec.instance)
    with pytest.raises(InstanceUnreachableError, match="it does not run"):
        target.call(spec.instance, "GET", "/healthz")
    run(target, spec)

    assert (absent.phase, absent.generation) == (Phase.ABSENT, 0)
    assert absent.reason == "its supervisor ended without being told to"
    assert len(processes(data, spec)) == 3


def test_stopping_without_a_supervisor_kills_what_is_left(
    data: Path, target: LocalTarget, spec: InstanceSpec
) -> None:
    run(target, spec)
    os.kill(shim_of(target, spec), signal.SIGKILL)

    target.stop(spec.instance)

    assert target.observe(spec.instance).phase is Phase.STOPPED
    assert processes(data, spec) == ()


def test_a_supervisor_that_hangs_is_reported_and_can_be_removed(
    data: Path, target: LocalTarget, spec: InstanceSpec
) -> None:
    run(target, spec)
    os.kill(shim_of(target, spec), signal.SIGSTOP)

    observed = target.observe(spec.instance)
    target.remove(spec.instance)

    assert observed.phase is Phase.RUNNING
    assert observed.reason == "its supervisor does not answer; before, it was so"
    assert processes(data, spec) == ()


def test_a_very_long_data_directory_works(tmp_path: Path, spec: InstanceSpec) -> None:
    target = LocalTarget(tmp_path / ("d" * 100) / ("e" * 100))

    run(target, spec)

    target.remove(spec.instance)


def test_a_place_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(LocalTargetError, match="file/instances"):
        LocalTarget(tmp_path / "file").ping()


@pytest.mark.parametrize("instance", ["", "..", "inst_A/..", "inst_A\n", "payments/leads"])
def test_only_ids_name_instances(target: LocalTarget, instance: str) -> None:
    with pytest.raises(ValueError, match="is not the id of an instance"):
        target.observe(instance)
