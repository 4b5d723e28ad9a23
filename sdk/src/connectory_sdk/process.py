"""What the process of the connector itself takes, under the names that Prometheus uses."""

import resource
import sys
from pathlib import Path

from connectory_sdk.metrics import METRICS, Counter, Gauge

STATM = Path("/proc/self/statm")
KILOBYTE = 1 if sys.platform == "darwin" else 1024  # of `ru_maxrss`

MEMORY = METRICS.add(Gauge("process_resident_memory_bytes", "Memory that the process holds."))
CPU = METRICS.add(Counter("process_cpu_seconds_total", "Processor time that the process used."))


def measure() -> None:
    """Set both to what they are now."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    MEMORY.set(_resident(used.ru_maxrss))
    CPU.inc(max(0.0, used.ru_utime + used.ru_stime - CPU.value()))


def _resident(peak: int) -> int:
    """Return the resident bytes; where the system does not tell, the most there ever were."""
    try:
        return int(STATM.read_text().split()[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return peak * KILOBYTE
