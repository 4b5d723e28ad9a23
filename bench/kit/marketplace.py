"""A server of its own process for the length of a measurement, and what it costs."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kit.load import Client

SERVER = Path(__file__).with_name("server.py")
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
KIB = 1024
PEOPLE = ("reader", "publisher")


@dataclass(frozen=True, slots=True)
class Measured:
    """A running server."""

    client: Client  # of somebody who reads, a member of three teams
    publisher: Client  # of a member of all teams
    pid: int

    def cpu_s(self) -> float:
        """Return the processor time it has used so far, in seconds."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * TICK_S

    def memory_mb(self) -> float:
        """Return its resident memory in megabytes (10^6 bytes)."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
        return int(kib) * KIB / 1e6


@contextmanager
def marketplace(size: int, data: Path | None = None) -> Iterator[Measured]:
    """Serve a catalog of `size` connectors: authentication and audit on, rate limits off."""
    with tempfile.TemporaryDirectory() as folder:
        own = {k: v for k, v in os.environ.items() if not k.startswith("CONNECTORY_")}
        settings = {
            "CONNECTORY_DATA": str(data or Path(folder) / "data"),
            "CONNECTORY_PORT": "0",
            "CONNECTORY_RATE_READ_PER_MINUTE": "0",
            "CONNECTORY_RATE_WRITE_PER_MINUTE": "0",
            "CONNECTORY_RATE_PUBLISH_PER_HOUR": "0",
            "CONNECTORY_RESERVE_MB": "0",
        }
        with subprocess.Popen(
            [sys.executable, str(SERVER), str(size)], env=own | settings, stdout=subprocess.PIPE
        ) as process:
            try:
                if process.stdout is None or not (line := process.stdout.readline()):
                    raise SystemExit("the server did not start; its messages are above")
                ready = json.loads(line)
                reader, publisher = (Client(ready["url"], ready[who]) for who in PEOPLE)
                yield Measured(reader, publisher, process.pid)
            finally:
                process.terminate()
                process.wait(20)
