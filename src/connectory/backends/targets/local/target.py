"""Runs instances as supervised processes of this machine.

environments/<digest>/       package, venv, .complete; shared by all instances of the package
shims/<digest>.pyz           the supervisor, one file per release of Connectory
instances/<instance>.lock    there and held while somebody starts, stops or removes it
instances/<instance>/        mode 0700
    config.json              what runs: the newest generation, without secrets
    shim.lock                held by its shim, that is while it is supervised
    control.v1.sock          the shim answers here
    state.json               what the shim last knew
    used.json                what its generation has used so far
    log/<offset>.ndjson      what it printed
    home/, tmp/              working folder and temporary files of the connector
    etc/                     a few files that a sandbox shows as those of /etc
"""

import json
import os
import re
import ssl
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import ClassVar

from connectory.backends.targets import (
    NO_HEADERS,
    Answer,
    InstanceSpec,
    InstanceUnreachableError,
    LogLine,
    Observed,
    Phase,
    TargetFailedError,
    Usage,
)
from connectory.backends.targets.local import (
    calling,
    control,
    groups,
    locks,
    log,
    packing,
    records,
    sandbox,
    strays,
    views,
)
from connectory.backends.targets.local.environment import (
    PATH,
    Environment,
    Environments,
    uv_program,
)
from connectory.backends.targets.local.removal import delete
from connectory.backends.targets.local.sandbox import Places, Sandbox
from connectory.backends.targets.local.shim.contract import (
    CONFIG,
    HOME,
    LOGS,
    STATE,
    TEMPORARY,
    USED,
    Config,
    State,
    Used,
)
from connectory.gates import bubblewrap, process
from connectory.kernel.clock import now, rfc3339
from connectory.kernel.errors import ConnectoryError, Kind

ETC = "etc"
INSTANCE = re.compile(r"[a-z]+_[0-9A-Za-z]+")
CONTAINED = (
    "On this target a connector runs in a sandbox: it sees its package, its own folder and its "
    "own processes, and reaches the hosts that it declares and no other address. Its processes "
    "are counted, and it is ended when its memory or files exceed their limits."
)
UNCONTAINED = (
    "On this target a connector is a process with the rights of the server's account. Memory, "
    "open files, its own files and restarts are limited; other addresses and files of that "
    "account are not. Install only what you trust with that."
)
CPU_LIMITED = "It gets as much CPU as it may use, and no more."
CPU_OPEN = "Its CPU is not limited on this machine: it gets what the server leaves."
GIGABYTE = 1_000_000_000
START_S = 15.0  # for a shim to be there
END_S = 15.0  # for a shim to end: its grace, and time to spare on a busy machine


class LocalTargetError(ConnectoryError):
    """This machine cannot run instances now."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "local-target"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder}, where instances are kept, cannot be written",
            hint="give the user of the server write access to it",
        )


class LocalTarget:
    """Instances as processes below `directory`. All state is there: any server can go on."""

    def __init__(
        self,
        directory: Path,
        *,
        sandbox: Sandbox | None = None,
        private: Iterable[str] = (),
        disk: int = GIGABYTE,
        is_open: bool = True,
    ) -> None:
        """Keep instances below `directory`.

        Args:
            directory: Holds everything of this target.
            sandbox: What contains connectors; None lets them run uncontained.
            private: `host:port` of addresses that are not public and that connectors may reach.
            disk: Bytes that the files of one instance may have.
            is_open: Whether they may reach the hosts that they declare, too.
        """
        root = directory.resolve()
        self._sandbox = sandbox
        self._private = sorted(private)
        self._disk = disk
        self._is_open = is_open
        self._environments = Environments(root / "environments", sandbox)
        self._shims = root / "shims"
        self._instances = root / "instances"

    @property
    def containment(self) -> str:
        """Say what the sandbox keeps a connector from, or that there is none."""
        walls = UNCONTAINED if self._sandbox is None else CONTAINED
        return f"{walls} {CPU_LIMITED if self.is_cpu_limited else CPU_OPEN}"

    @property
    def is_contained(self) -> bool:
        """Whether there is a sandbox."""
        return self._sandbox is not None

    @property
    def is_cpu_limited(self) -> bool:
        """Whether control groups that limit CPU can be made here."""
        return groups.find() is not None

    def prepare(self, spec: InstanceSpec) -> None:
        """Build the environment of the package."""
        self._built(spec)

    def apply(self, spec: InstanceSpec) -> None:
        """Start this generation after the end of the older one, or adopt it if it is there."""
        environment = self._built(spec)
        folder = self._folder(spec.instance)
        with locks.held(folder):
            newest = _generation(folder)
            if newest > spec.generation:
                raise TargetFailedError(
                    spec.label,
                    f"generation {newest} has replaced generation {spec.generation}",
                    "look at the newer operation on this instance: `connectory operations`",
                )
            if newest < spec.generation or not _is_supervised(folder):
                self._end(folder)
                self._start(spec, folder, environment)

    def observe(self, instance: str) -> Observed:
        """Ask the shim, or say what the last one wrote down."""
        folder = self._folder(instance)
        reason = "not installed"
        try:
            state = control.state(folder)
        except TimeoutError:
            state = records.read(folder / STATE, State)
            if state is not None:
                state.reason = "its supervisor does not answer; before, it was so"
        else:
            if state is None and (last := records.read(folder / STATE, State)) is not None:
                reason = "its supervisor ended without being told to"
                state = last if last.phase == Phase.STOPPED else None
        if state is None:
            return Observed(Phase.ABSENT, generation=0, reason=reason)
        return views.observed(state)

    def usage(self, instance: str) -> Usage | None:
        """Ask the shim, or read what the last one kept."""
        folder = self._folder(instance)
        try:
            used = control.used(folder)
        except TimeoutError:
            used = None
        used = used or records.read(folder / USED, Used)
        return None if used is None else views.usage(used)

    def call(
        self,
        instance: str,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        within_s: float | None = None,
    ) -> Answer:
        """Send one HTTP request to the port that the connector has now."""
        folder = self._folder(instance)
        config = records.read(folder / CONFIG, Config)
        if config is None:
            raise InstanceUnreachableError(instance, "it is not installed")
        timeout_s = min(config.timeout_s, within_s or config.timeout_s)
        try:
            connected = control.connect(folder, config)
            asked = calling.Asked(method, path, body, headers)
            return calling.call(connected, asked, timeout_s=timeout_s)
        except (OSError, HTTPException) as failure:
            raise InstanceUnreachableError(config.label, str(failure)) from failure

    def logs(self, instance: str, *, after: int = 0, limit: int = 1000) -> tuple[LogLine, ...]:
        """Read the log; offsets are bytes since its begin and stay true when it is rotated."""
        return log.read(self._folder(instance) / LOGS, after=after, limit=limit)

    def stop(self, instance: str, *, at_once: bool = False) -> None:
        """Stop it and keep its files."""
        folder = self._folder(instance)
        if not folder.exists():
            return
        with locks.held(folder):
            self._end(folder, at_once=at_once)
            last = records.read(folder / STATE, State)
            if last is not None and last.phase != Phase.STOPPED:  # its shim had been killed
                _mark_stopped(folder, last)

    def remove(self, instance: str) -> None:
        """Stop it and delete its folder."""
        folder = self._folder(instance)
        if not folder.exists():
            return
        with locks.held(folder):
            self._end(folder)
            if folder.exists():  # nobody was faster
                delete(folder)

    def collect(self, keep: frozenset[str]) -> None:
        """Delete the environments of packages that nobody needs."""
        self._environments.collect(keep)

    def ping(self) -> None:
        """See whether there is an installer and a place for instances."""
        uv_program()
        try:
            self._instances.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as failure:
            raise LocalTargetError(self._instances) from failure
        if not os.access(self._instances, os.W_OK | os.X_OK):
            raise LocalTargetError(self._instances)

    def _folder(self, instance: str) -> Path:
        if not INSTANCE.fullmatch(instance):
            raise ValueError(f"{instance!r} is not the id of an instance")
        return self._instances / instance

    def _start(self, spec: InstanceSpec, folder: Path, environment: Environment) -> None:
        for place in (folder, folder / HOME, folder / TEMPORARY):
            place.mkdir(mode=0o700, exist_ok=True)
        records.write(folder / CONFIG, self._config(spec, folder, environment))
        secrets = {name: secret.reveal() for name, secret in spec.secrets.items()}
        try:
            finished = process.run(
                [sys.executable, "-I", "-S", str(self._shim()), str(folder)],
                cwd=folder,
                environment={"PATH": PATH, "LANG": "C.UTF-8", "HOME": str(folder / HOME)},
                timeout_s=START_S,
                input=json.dumps(secrets).encode(),
            )
        except ConnectoryError as failure:
            raise TargetFailedError(spec.label, failure.message, failure.hint) from failure
        if finished.returncode != 0:
            said = finished.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise TargetFailedError(
                spec.label,
                f"its supervisor ended with {finished.returncode}: {said}",
                "see whether this machine has memory and processes left, then try again",
            )

    def _built(self, spec: InstanceSpec) -> Environment:
        """Return what the package runs in, building it first if it is not there."""
        return self._environments.build(spec)

    def _config(self, spec: InstanceSpec, folder: Path, environment: Environment) -> Config:
        argv = command(environment, spec.entrypoint)
        own = surroundings(environment, folder / HOME, folder / TEMPORARY)
        if self._sandbox is not None:
            own["TMPDIR"] = bubblewrap.TEMPORARY
            user = sandbox.user_of(spec.instance)
            home = folder / HOME
            places = Places(home, (environment.place,), begin=home, etc=folder / ETC)
            argv = self._sandbox.wrap(argv, places, user)
            sandbox.hand_over(home, user)
        return Config(
            label=spec.label,
            generation=spec.generation,
            argv=argv,
            environment={**spec.environment, **own},
            memory=spec.resources.memory,
            timeout_s=spec.resources.timeout_s,
            is_contained=self.is_contained,
            allowed=sorted(spec.allowed_hosts) if self._is_open else [],
            private=self._private,
            disk=self._disk,
            cpu=spec.resources.cpu,
            cpu_group=_group_of(folder),
        )

    def _end(self, folder: Path, *, at_once: bool = False) -> None:
        """End all processes of an instance, the shim first so that it starts nothing again."""
        control.stop(folder, END_S, at_once=at_once)
        left = strays.kill(folder / HOME)
        if left:
            raise TargetFailedError(
                folder.name,
                f"the processes {', '.join(map(str, left))} cannot be killed",
                "look at them on the machine of the server, then try again",
            )
        if group := _group_of(folder):
            with suppress(OSError):  # its shim has deleted it
                Path(group).rmdir()

    def _shim(self) -> Path:
        """Return the copy of the supervisor of this release, which is made at first use."""
        name, content = packing.packed()
        path = self._shims / name
        if not path.exists():
            self._shims.mkdir(mode=0o700, exist_ok=True)
            records.write_whole(path, content)
        return path


def command(environment: Environment, entrypoint: str) -> list[str]:
    """Return how a connector is started.

    -P: files in its working folder are not modules; -B, -u: no files beside the shared code, no
    delay before a line is in the log.
    """
    return [str(environment.programs / "python"), "-P", "-B", "-u", "-m", entrypoint]


def surroundings(environment: Environment, home: Path, temporary: Path) -> dict[str, str]:
    """Return the environment that every connector has, beside its settings and secrets."""
    own = {
        "PATH": f"{environment.programs}:{PATH}",
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "PYTHONPATH": str(environment.package / "src"),
    }
    if authorities := ssl.get_default_verify_paths().cafile:
        own["SSL_CERT_FILE"] = authorities
    return own


def _group_of(folder: Path) -> str:
    """Return the control group that limits the CPU of an instance; nothing if there is none."""
    ours = groups.find()
    return "" if ours is None else str(ours / folder.name)


def _generation(folder: Path) -> int:
    """Return the newest generation that was started here, 0 if there was none."""
    config = records.read(folder / CONFIG, Config)
    return 0 if config is None else config.generation


def _is_supervised(folder: Path) -> bool:
    try:
        state = control.state(folder)
    except TimeoutError:
        return False
    return state is not None and not state.is_stopping


def _mark_stopped(folder: Path, last: State) -> None:
    stopped = State(last.generation, Phase.STOPPED, rfc3339(now()), "it was told to stop")
    stopped.restarts, stopped.last_exit = last.restarts, last.last_exit
    records.write(folder / STATE, stopped)
