"""What a shim says, in the words of all targets."""

from connectory.backends.targets import Observed, Phase, Traffic, Usage
from connectory.backends.targets.local.shim.contract import State, Used
from connectory.kernel.clock import parse_rfc3339


def observed(state: State) -> Observed:
    """Return what a shim says of its instance."""
    return Observed(
        phase=Phase(state.phase),
        generation=state.generation,
        since=parse_rfc3339(state.since),
        reason=state.reason,
        restarts=state.restarts,
        pid=state.pid,
        last_exit=state.last_exit,
    )


def usage(used: Used) -> Usage:
    """Return what a shim says that its generation has used."""
    hosts = None if used.hosts is None else {h: Traffic(*n) for h, n in used.hosts.items()}
    return Usage(
        generation=used.generation,
        since=parse_rfc3339(used.since),
        starts=used.starts,
        running_s=used.running_s,
        cpu_s=used.cpu_s,
        memory_peak=used.memory_peak,
        cold_start_ms=used.cold_start_ms,
        hosts=hosts,
        refused={host: times for host, [times] in used.refused.items()},
        secrets=None if used.secrets is None else frozenset(used.secrets),
        outputs=None if used.outputs is None else frozenset(used.outputs),
    )
