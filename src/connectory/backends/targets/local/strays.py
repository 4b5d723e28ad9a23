"""The processes of an instance, known by the home folder in their environment.

A shim that ends in order leaves none behind. One that was killed takes the connector with it,
but not what the connector had started; that is found here. Only Linux lets others look at the
environment of a process; elsewhere nothing is found.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

PROCESSES = Path("/proc")
WAIT_S = 5.0
PAUSE_S = 0.01


def find(home: Path) -> tuple[int, ...]:
    """Return the ids of all processes that were started with this home folder."""
    mark = b"HOME=" + os.fsencode(home)
    found = []
    for process in PROCESSES.glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or belongs to another user
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
    return tuple(found)


def kill(home: Path) -> tuple[int, ...]:
    """Kill them until there are none, and return those that are still there after `WAIT_S`."""
    end = time.monotonic() + WAIT_S
    while (found := find(home)) and time.monotonic() < end:
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(PAUSE_S)
    return found
