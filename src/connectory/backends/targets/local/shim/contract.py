"""What the server and a shim agree on. They may be of different releases of Connectory."""

from dataclasses import dataclass, field

CONFIG, STATE, LOCK, LOGS = "config.json", "state.json", "shim.lock", "log"
HOME, TEMPORARY = "home", "tmp"
USED = "used.json"
CONTROL = "control.v1.sock"  # the number grows when the protocol changes
INSIDE = "inside.v1.sock"  # hands out connections to a contained connector
FIRST = "first.pid"  # the number of the first process in a container


@dataclass(frozen=True, slots=True)
class Config:
    """What the shim reads from `config.json`. Secrets are not in it."""

    label: str  # `payments/leads`
    generation: int
    argv: list[str]
    environment: dict[str, str]
    memory: int  # bytes
    timeout_s: int  # of one request; for those who call the connector
    is_contained: bool = False  # whether it has a network of its own
    allowed: list[str] = field(default_factory=list)  # hosts that the manifest declares
    private: list[str] = field(default_factory=list)  # what the admin allows all connectors
    disk: int = 1_000_000_000  # bytes of its folder
    cpu: float = 1.0  # CPUs that it may use, where they are limited
    cpu_group: str = ""  # the control group that limits them, if the machine has one
    inner: list[str] = field(default_factory=list)  # what runs in the container of `argv`
    outside: dict[str, str] = field(default_factory=dict)  # environment of podman
    grace_s: float = 5.0  # between SIGTERM and SIGKILL
    first_pause_s: float = 1.0  # before the first restart; each further one doubles it
    longest_pause_s: float = 60.0
    healthy_s: float = 60.0  # of running, after which the pauses begin again with the first
    log_bytes: int = 5 * 1024 * 1024  # of one segment
    log_segments: int = 3


@dataclass(slots=True)
class State:
    """What the shim answers on the socket and keeps in `state.json`."""

    generation: int
    phase: str = "starting"  # or running, backing-off, stopped
    since: str = ""  # RFC 3339
    reason: str = ""
    restarts: int = 0
    pid: int | None = None  # of the connector; also its process group and session
    port: int | None = None  # on 127.0.0.1, in the network of the connector
    last_exit: int | None = None  # negative: the signal that ended it
    is_stopping: bool = False


@dataclass(slots=True)
class Used:
    """What a generation has used, answered on the socket and kept in `used.json`."""

    generation: int
    since: str  # RFC 3339
    starts: int
    running_s: float = 0.0
    cpu_s: float = 0.0
    memory_peak: int = 0  # bytes
    cold_start_ms: int | None = None  # of its last start, until it was healthy
    # host (names asked for), host:port (the rest) -> names, connections, bytes sent, received
    hosts: dict[str, list[int]] | None = None  # None: nobody looks
    refused: dict[str, list[int]] = field(default_factory=dict)  # -> times
    secrets: list[str] | None = None  # names that the SDK says were read; None: it says nothing
    outputs: list[str] | None = None  # names in what it answered
