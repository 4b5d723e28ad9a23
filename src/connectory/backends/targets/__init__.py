"""Where instances run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Protocol

from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.secret import Secret

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class TargetFailedError(ConnectoryError):
    """The target could not do what it was asked; nothing of this attempt is left running."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "target-failed"

    def __init__(self, instance: str, reason: str, hint: str) -> None:
        super().__init__(f"{instance}: {reason}", hint=hint, instance=instance)


class InstanceUnreachableError(ConnectoryError):
    """The instance does not answer right now."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "instance-unreachable"

    def __init__(self, instance: str, reason: str) -> None:
        super().__init__(
            f"{instance} does not answer: {reason}",
            hint=f"look at its log: `connectory logs {instance}`; then try again",
            instance=instance,
        )


class Phase(StrEnum):
    """What the target sees of an instance."""

    ABSENT = "absent"
    STARTING = "starting"
    RUNNING = "running"
    BACKING_OFF = "backing-off"  # it exited and will be started again
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Resources:
    """Limits of one instance. `cpu` in vCPU, `memory` in bytes, `timeout_s` per request."""

    cpu: float = 1.0
    memory: int = 256_000_000
    timeout_s: int = 30


@dataclass(frozen=True, slots=True)
class InstanceSpec:
    """Everything a target needs to run one generation of one instance."""

    instance: str  # `inst_…`: names directories and processes, never anything a user typed
    label: str  # `payments/leads`, for messages
    generation: int  # grows with each apply; an older one never replaces a newer one
    digest: str  # of the package
    bundle: Path  # the verified gzipped tar, readable now
    entrypoint: str  # Python module to run, `crm_to_slack`
    environment: Mapping[str, str]  # settings; never secrets
    secrets: Mapping[str, Secret]  # environment name -> value, for the instance only
    resources: Resources = Resources()
    allowed_hosts: frozenset[str] = frozenset()  # `host` or `host:port`; nothing else


@dataclass(frozen=True, slots=True)
class Observed:
    """What is there now. `since` is when the phase began; `reason` why, for people."""

    phase: Phase
    generation: int  # 0 when absent
    since: datetime | None = None
    reason: str = ""
    restarts: int = 0
    pid: int | None = None
    last_exit: int | None = None


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went to one host: names asked for, connections, and their bytes."""

    lookups: int
    connections: int
    sent: int
    received: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What one generation of an instance has used since `since`, over all its starts.

    Hosts are keyed by `host` for names asked for, and by `host:port` for connections; those
    that were refused likewise. What nobody could see is None: it is not known to be unused.
    """

    generation: int
    since: datetime
    starts: int = 0
    running_s: float = 0.0
    cpu_s: float = 0.0
    memory_peak: int = 0  # bytes; 0 if the machine does not tell
    cold_start_ms: int | None = None  # from its last start until it was healthy
    hosts: Mapping[str, Traffic] | None = None
    refused: Mapping[str, int] = field(default_factory=dict)  # -> times
    secrets: frozenset[str] | None = None  # names that were read, as the connector says
    outputs: frozenset[str] | None = None  # names in its answers, as the connector says


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line that the instance wrote. `offset` is the cursor to continue behind it."""

    offset: int
    at: datetime
    level: str
    message: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer of the instance. `retry_after_s` is when it wants to be asked again."""

    status: int
    content_type: str
    body: bytes
    retry_after_s: int | None = None


class Target(Protocol):
    """A place where instances run.

    Every implementation passes `tests/contracts/test_targets.py`. All methods are idempotent:
    repeating one with the same arguments changes nothing more. Instances outlive the server.
    Connectors obey Cloud Run's container contract: HTTP on `$PORT`, `GET /healthz`,
    `GET /metrics`, SIGTERM to stop.
    """

    @property
    def containment(self) -> str:
        """How far the target keeps a connector to what it declared, in words."""
        ...

    @property
    def is_contained(self) -> bool:
        """Whether a connector can reach and see no more than it declared."""
        ...

    @property
    def is_cpu_limited(self) -> bool:
        """Whether a connector gets no more CPU than it may use."""
        ...

    def prepare(self, spec: InstanceSpec) -> None:
        """Build the environment of the package (shared by digest). Needs no network.

        Raises:
            TargetFailedError: If the package cannot be installed.
        """
        ...

    def apply(self, spec: InstanceSpec) -> None:
        """Start this generation, replacing an older one; returns before it is healthy.

        Raises:
            TargetFailedError: If it could not be started.
        """
        ...

    def observe(self, instance: str) -> Observed:
        """Say what is there now."""
        ...

    def usage(self, instance: str) -> Usage | None:
        """Say what the newest generation has used, kept over restarts; None if unknown."""
        ...

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
        """Send one HTTP request to the instance (health, metrics, runs); its type is JSON.

        Raises:
            InstanceUnreachableError: If nothing answers within `within_s`, at most the time
                that the connector has for one request.
        """
        ...

    def logs(self, instance: str, *, after: int = 0, limit: int = 1000) -> tuple[LogLine, ...]:
        """Return lines behind the cursor `after`, oldest first; -n means the last n lines."""
        ...

    def stop(self, instance: str, *, at_once: bool = False) -> None:
        """Stop it (SIGTERM, then SIGKILL; `at_once` SIGKILL alone), keep its files and log."""
        ...

    def remove(self, instance: str) -> None:
        """Stop it and delete everything of it: processes, files, log, secrets."""
        ...

    def collect(self, keep: frozenset[str]) -> None:
        """Delete the environments of all package digests that are not in `keep`."""
        ...

    def ping(self) -> None:
        """Raise a ConnectoryError unless instances can be started here now."""
        ...
