"""Runs instances as containers of this machine.

It is the local target with other walls: the same supervisor, ways out and folders of instances,
but podman and runc around the connector, and nothing of this machine in it but an image.

containers/                  the folder of this target
    environments/, shims/, instances/   as for the local target
    images/<digest>/id       the image of a package
    images/<python>.tar      the layer below all of them
    store/                   where podman keeps images and containers
"""

import inspect
from collections.abc import Iterable
from pathlib import Path

from connectory.backends.targets import InstanceSpec, TargetFailedError
from connectory.backends.targets.container.images import HOME as HOME_INSIDE
from connectory.backends.targets.container.images import INSIDE, Images
from connectory.backends.targets.container.podman import (
    ContainersMissingError,
    ContainersOffError,
    Podman,
    said,
    unfit,
)
from connectory.backends.targets.local import sandbox
from connectory.backends.targets.local.environment import PYTHON, Environment
from connectory.backends.targets.local.sandbox import hand_over, write_etc
from connectory.backends.targets.local.shim import init
from connectory.backends.targets.local.shim.contract import FIRST, HOME, Config
from connectory.backends.targets.local.shim.machine import FILE_BYTES, OPEN_FILES
from connectory.backends.targets.local.target import (
    ETC,
    GIGABYTE,
    LocalTarget,
    command,
    surroundings,
)
from connectory.gates import bubblewrap

CONTAINMENT = (
    "On this target a connector runs in a container: it sees the image of its package, its own "
    "folder and its own processes, and reaches the hosts that it declares and no other "
    "address. Its processes, memory, files and CPU are limited."
)
ALONE = (
    "--network=none",
    "--read-only",
    "--read-only-tmpfs=false",
    f"--tmpfs={bubblewrap.TEMPORARY}:rw,nosuid,nodev,mode=1777,size={bubblewrap.TMP_BYTES}",
    f"--shm-size={sandbox.SHARED_MEMORY_BYTES}",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
    f"--pids-limit={sandbox.PROCESSES}",
    f"--ulimit=nproc={sandbox.PROCESSES}:{sandbox.PROCESSES}",
    f"--ulimit=nofile={OPEN_FILES}:{OPEN_FILES}",
    f"--ulimit=fsize={FILE_BYTES}:{FILE_BYTES}",
    "--ulimit=core=0:0",
    "--hostname=connector",
    "--http-proxy=false",
    "--systemd=false",
)


class ContainerTarget(LocalTarget):
    """Instances as containers below `directory`. All state is there: any server can go on."""

    def __init__(
        self,
        directory: Path,
        *,
        is_offered: bool = True,
        private: Iterable[str] = (),
        disk: int = GIGABYTE,
        is_open: bool = True,
    ) -> None:
        """Keep instances below `directory`.

        Args:
            directory: Holds everything of this target.
            is_offered: Whether connectors can be installed here; those that are go on anyway.
            private: As for the local target, like the rest.
            disk: Bytes that the files of one instance may have.
            is_open: Whether they may reach the hosts that they declare, too.
        """
        # Wheels are installed in the sandbox, because a Python that starts with them runs code
        # of theirs.
        walls = sandbox.find() if not unfit() else None
        super().__init__(directory, sandbox=walls, private=private, disk=disk, is_open=is_open)
        root = directory.resolve()
        self._is_offered = is_offered
        self._podman = Podman(root)
        self._images = Images(root / "images", self._podman)

    @property
    def containment(self) -> str:
        """Say what the container keeps a connector from."""
        return CONTAINMENT

    @property
    def is_contained(self) -> bool:
        """Say that there is no way to run without a container."""
        return True

    @property
    def is_cpu_limited(self) -> bool:
        """Say that containers always have a limit."""
        return True

    def collect(self, keep: frozenset[str]) -> None:
        """Delete the images of packages that nobody needs."""
        self._images.collect(keep)
        super().collect(keep)

    def ping(self) -> None:
        """See whether it is offered, podman works, and there is a place for instances."""
        if not self._is_offered:
            raise ContainersOffError(unfit())
        self._require()
        super().ping()

    def _built(self, spec: InstanceSpec) -> Environment:
        self._require()
        self._images.build(spec, super()._built(spec))
        return INSIDE

    def _require(self) -> None:
        """See that all works without which nothing may be built or run."""
        _ = self._podman.program
        if self._sandbox is None:
            raise ContainersMissingError("bubblewrap does not work")

    def _config(self, spec: InstanceSpec, folder: Path, environment: Environment) -> Config:
        user = sandbox.user_of(spec.instance)
        hand_over(folder / HOME, user)
        own = surroundings(environment, HOME_INSIDE, Path(bubblewrap.TEMPORARY))
        return Config(
            label=spec.label,
            generation=spec.generation,
            argv=[
                *self._making(spec, folder, user),
                PYTHON,
                "-I",
                "-S",
                "-c",
                inspect.getsource(init),
            ],
            environment={**spec.environment, **own},
            memory=spec.resources.memory,
            timeout_s=spec.resources.timeout_s,
            is_contained=True,
            allowed=sorted(spec.allowed_hosts) if self._is_open else [],
            private=self._private,
            disk=self._disk,
            inner=command(environment, spec.entrypoint),
            outside=self._podman.environment,
        )

    def _making(self, spec: InstanceSpec, folder: Path, user: int | None) -> list[str]:
        """Return the command that makes the container, up to the program in it."""
        limits = spec.resources
        mounts = [(str(folder / HOME), f"{HOME_INSIDE}:rw,nosuid,nodev")]
        mounts += [(here, f"{there}:ro") for here, there in write_etc(folder / ETC, user)]
        return [
            *(self._podman.program, "run", "--rm", "--replace", "--pull=never"),
            *(f"--name={_name(folder)}", f"--label=connectory.instance={spec.instance}"),
            *ALONE,
            f"--user={user}:{user}",
            f"--workdir={HOME_INSIDE}",
            *(f"--volume={here}:{there}" for here, there in mounts),
            f"--memory={limits.memory}",
            f"--memory-swap={limits.memory}",
            f"--cpus={limits.cpu:g}",
            f"--pidfile={folder / FIRST}",
            *("--interactive", "--log-driver=passthrough"),
            self._images.id_of(spec.digest),
        ]

    def _end(self, folder: Path, *, at_once: bool = False) -> None:
        """End the shim, and the container if it has not done so."""
        super()._end(folder, at_once=at_once)
        ended = self._podman.run("rm", "--force", "--ignore", "--time=0", _name(folder))
        if ended.returncode != 0:
            raise TargetFailedError(
                folder.name,
                f"its container cannot be deleted: {said(ended)}",
                "look at it with podman on the machine of the server, then try again",
            )


def _name(folder: Path) -> str:
    return f"connectory-{folder.name}"
