"""Podman on this machine, with a store of its own, so that no other container is touched.

What podman keeps lies below the folder of the target: images, containers and their layers. What
has to be forgotten when the machine starts again lies in /run.
"""

import os
import shutil
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from connectory.backends.targets.local.environment import PATH
from connectory.backends.targets.local.records import write_whole
from connectory.gates import process
from connectory.gates.process import Finished
from connectory.kernel.digest import digest_of
from connectory.kernel.errors import ConnectoryError, Kind

RUNTIME = Path("/run/connectory")
WAIT_S = 60.0
SEARCHED = f"{PATH}:/usr/sbin:/sbin"  # where programs are, those of podman, too
NEEDED = ("podman", "runc", "conmon", "bwrap", "ldd")
CONFIGURATION = """\
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
lock_type = "file"
tmp_dir = "{run}/libpod"
static_dir = "{store}/libpod"
volume_path = "{store}/volumes"

[network]
network_config_dir = "{store}/networks"
"""
STORAGE = """\
[storage]
driver = "overlay"
graphroot = "{store}"
runroot = "{run}/storage"
"""


class ContainersMissingError(ConnectoryError):
    """The machine of the server cannot run containers."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "containers-missing"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"this machine cannot run containers: {why}",
            hint="run the server as root on Linux, with `apt install podman runc bubblewrap`; "
            "or install the connector on the target `local`",
        )


class ContainersOffError(ConnectoryError):
    """Connectors are not installed as containers here, because no setting says so."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "containers-off"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"containers are not offered, and {why}"
            if why
            else "containers are not offered; this machine has what they need",
            hint="set CONNECTORY_CONTAINERS=true on a server that runs as root, with podman, "
            "runc and bubblewrap",
        )


@dataclass(frozen=True)
class Podman:
    """The program, with a store below `root`."""

    root: Path

    @cached_property
    def environment(self) -> dict[str, str]:
        """Write where it keeps what, and return the environment that it needs."""
        run = RUNTIME / digest_of(str(self.root).encode()).removeprefix("sha256:")[:12]
        run.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        names = {"CONTAINERS_CONF": CONFIGURATION, "CONTAINERS_STORAGE_CONF": STORAGE}
        files = {}
        for name, content in names.items():
            file = self.root / f"{name.lower()}.toml"
            write_whole(file, content.format(run=run, store=self.root / "store").encode())
            files[name] = str(file)
        return {
            "PATH": SEARCHED,
            "HOME": str(self.root),
            "LANG": "C.UTF-8",
        } | files

    @cached_property
    def program(self) -> str:
        """Return its path.

        Raises:
            ContainersMissingError: If this machine cannot run containers.
        """
        if why := unfit():
            raise ContainersMissingError(why)
        found = shutil.which("podman", path=PATH)
        tried = self._run([str(found), "info", "--format", "{{.Store.GraphDriverName}}"])
        if tried.returncode != 0:
            raise ContainersMissingError(f"podman says: {said(tried)}")
        return str(found)

    def run(self, *arguments: str, cwd: Path | None = None) -> Finished:
        """Run one of its commands to the end.

        Raises:
            ContainersMissingError: If this machine cannot run containers.
        """
        return self._run([self.program, *arguments], cwd)

    def _run(self, argv: list[str], cwd: Path | None = None) -> Finished:
        return process.run(
            argv, cwd=cwd or self.root, environment=self.environment, timeout_s=WAIT_S
        )


def unfit() -> str:
    """Say why this machine cannot run containers as far as that is seen at once, or nothing."""
    if sys.platform != "linux":
        return "only Linux has them"
    missing = [name for name in NEEDED if shutil.which(name, path=SEARCHED) is None]
    if missing:
        return f"{', '.join(missing)} cannot be found"
    return "" if os.getuid() == 0 else "the server does not run as root"


def said(finished: Finished) -> str:
    """Return the last line that it printed to say what is wrong."""
    return finished.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:500]
