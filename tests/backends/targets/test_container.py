"""Containers as podman sees them: what they may, what is written down of them, what is left."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectory.backends.targets import InstanceSpec, Phase, Resources
from connectory.backends.targets.container.podman import (
    ContainersMissingError,
    ContainersOffError,
    Podman,
    said,
)
from connectory.backends.targets.container.target import ContainerTarget
from connectory.backends.targets.local import control, sandbox
from connectory.gates.archive import pack
from connectory.kernel.digest import digest_of
from connectory.kernel.ids import new_id
from connectory.kernel.secret import Secret
from marketplaces import wait_until
from podmans import with_podman

pytestmark = with_podman

CODE = Path(__file__).parents[2] / "attacks/hostile/connector.py"
SECRET, SETTING = "canary-7f3d91", "#a-setting-of-its-own"
HOSTILE = """
import os, socket
def attempt(act):
    try: act()
    except OSError as failure: print("Errno", failure.errno)
    else: print("done")
attempt(lambda: open("/usr/lib/mine", "w"))
attempt(lambda: os.execv("/bin/sh", ["sh"]))
attempt(lambda: socket.create_connection(("127.0.0.1", {port}), 3))
attempt(lambda: socket.getaddrinfo("api.undeclared.example", 443))
print(sum(name.isdigit() for name in os.listdir("/proc")), "processes")
"""
MEMORY = 96_000_000
START_S = 60


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("containers")


@pytest.fixture(scope="module")
def target(root: Path) -> ContainerTarget:
    return ContainerTarget(root)


@pytest.fixture(scope="module")
def podman(root: Path) -> Podman:
    return Podman(root)


@pytest.fixture(scope="module")
def spec(
    target: ContainerTarget, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[InstanceSpec]:
    bundle = tmp_path_factory.mktemp("package") / "package.tar.gz"
    with bundle.open("wb") as into:
        pack({"src/connector.py": CODE.read_bytes()}, into)
    spec = InstanceSpec(
        instance=new_id("inst"),
        label="payments/leads",
        generation=1,
        digest=digest_of(bundle.read_bytes()),
        bundle=bundle,
        entrypoint="connector",
        environment={"INPUT_CHANNEL": SETTING},
        secrets={"SECRET_TOKEN": Secret(SECRET)},
        resources=Resources(cpu=0.5, memory=MEMORY),
    )
    yield spec
    target.remove(spec.instance)


@pytest.fixture
def running(target: ContainerTarget, spec: InstanceSpec) -> str:
    target.apply(spec)
    wait_until(lambda: target.observe(spec.instance).phase is Phase.RUNNING, START_S)
    return f"connectory-{spec.instance}"


def told(podman: Podman, *arguments: str) -> str:
    finished = podman.run(*arguments)
    assert finished.returncode == 0, said(finished)
    return finished.stdout.decode()


def test_a_container_may_no_more_than_its_connector_needs(
    target: ContainerTarget, spec: InstanceSpec, podman: Podman, running: str
) -> None:
    seen = json.loads(told(podman, "inspect", running))[0]

    host = seen["HostConfig"]
    assert (host["NetworkMode"], host["ReadonlyRootfs"], host["Privileged"]) == (
        "none",
        True,
        False,
    )
    assert (host["Memory"], host["NanoCpus"], host["PidsLimit"]) == (MEMORY, 500_000_000, 128)
    assert seen["OCIRuntime"] == "runc"
    assert seen["EffectiveCaps"] in ([], None)
    pid = target.observe(spec.instance).pid
    status = Path(f"/proc/{pid}/status").read_text()
    assert "CapEff:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    assert "Uid:\t0" not in status


@pytest.mark.usefixtures("running")
def test_a_connector_in_a_container_sees_and_reaches_nothing_else(
    target: ContainerTarget, spec: InstanceSpec
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        code = HOSTILE.format(port=other.getsockname()[1])
        said = target.call(spec.instance, "POST", "/", code.encode()).body.decode()

    assert said.splitlines() == [
        "Errno 30",  # it is read-only
        "Errno 2",  # no shell
        "Errno 111",  # nobody listens on that port in its network
        "Errno -2",  # no such name
        "2 processes",  # the first one and itself
    ]


def test_a_container_runs_the_image_of_its_package_by_digest(
    podman: Podman, spec: InstanceSpec, running: str
) -> None:
    image = json.loads(told(podman, "inspect", running))[0]["Image"]

    found = json.loads(told(podman, "image", "inspect", image))[0]

    assert found["Labels"] == {"connectory.package": spec.digest}
    assert found["RootFS"]["Type"] == "layers"
    assert len(found["RootFS"]["Layers"]) == 2


def test_settings_and_secrets_are_not_written_down_of_a_container(
    root: Path, podman: Podman, running: str
) -> None:
    seen = told(podman, "inspect", running)

    assert SECRET not in seen
    assert SETTING not in seen
    kept = (one for one in (root / "store/libpod").rglob("*") if one.is_file())
    configs = (root / "store/overlay-containers").rglob("*.json")
    assert not any(SECRET.encode() in one.read_bytes() for one in (*kept, *configs))


@pytest.mark.usefixtures("running")
def test_a_container_ends_with_its_supervisor_and_is_started_again(
    root: Path, target: ContainerTarget, spec: InstanceSpec
) -> None:
    folder = root / "instances" / spec.instance
    before = target.observe(spec.instance).pid
    assert before is not None
    supervisor = next(
        one
        for one in Path("/proc").glob("[0-9]*")
        if str(folder).encode() in (one / "cmdline").read_bytes().split(b"\0")[-2:]
    )

    os.kill(int(supervisor.name), signal.SIGKILL)
    wait_until(lambda: not Path(f"/proc/{before}").exists(), START_S)

    assert control.state(folder) is None
    target.apply(spec)
    wait_until(lambda: target.observe(spec.instance).phase is Phase.RUNNING, START_S)
    assert target.observe(spec.instance).pid != before


@pytest.mark.usefixtures("running")
def test_another_server_adopts_a_container(
    root: Path, target: ContainerTarget, spec: InstanceSpec
) -> None:
    before = target.observe(spec.instance)

    other = ContainerTarget(root)
    other.apply(spec)

    assert other.observe(spec.instance) == before
    assert other.call(spec.instance, "GET", "/healthz").status == 200


@pytest.mark.usefixtures("running")
def test_nothing_is_left_of_a_removed_container(
    root: Path, target: ContainerTarget, spec: InstanceSpec, podman: Podman
) -> None:
    target.remove(spec.instance)
    target.collect(keep=frozenset())

    assert told(podman, "ps", "--all", "--quiet") == ""
    assert told(podman, "images", "--all", "--quiet") == ""
    assert told(podman, "volume", "ls", "--quiet") == ""
    assert json.loads((root / "store/overlay-layers/layers.json").read_text()) == []
    assert list((root / "instances").iterdir()) == []
    assert list((root / "environments").iterdir()) == []


def test_where_containers_are_not_offered_a_target_says_so(tmp_path: Path) -> None:
    with pytest.raises(ContainersOffError, match="containers are not offered"):
        ContainerTarget(tmp_path, is_offered=False).ping()


def test_nothing_is_built_where_wheels_cannot_be_installed_in_a_sandbox(
    tmp_path: Path, spec: InstanceSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "find", lambda: None)

    with pytest.raises(ContainersMissingError, match="bubblewrap does not work"):
        ContainerTarget(tmp_path).apply(spec)

    assert not (tmp_path / "environments").exists()
