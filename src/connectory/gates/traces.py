"""What is alive or lies around on this machine because of what was started in a folder.

Only Linux lets a process look at others; elsewhere no processes are found.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROCESSES = Path("/proc")
LINKS = ("cwd", "exe", "root")
TEXTS = ("environ", "cmdline")
SHARED = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108  looked at, not used
WAIT_S = 5.0
PAUSE_S = 0.02
MOST_NAME = 400  # characters of a command line


@dataclass(frozen=True, slots=True)
class Alive:
    """A process. `command` is its command line, shortened."""

    pid: int
    command: str


def processes(folder: Path) -> tuple[Alive, ...]:
    """Return the processes that were started in a folder or work in it, but this one."""
    mark = os.fsencode(folder)
    found = []
    for process in PROCESSES.glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or belongs to another user
            if int(process.name) != os.getpid() and _knows(process, mark):
                found.append(Alive(int(process.name), _command(process)))
    return tuple(found)


def kill(folder: Path) -> None:
    """Kill the processes of a folder until there are none, for at most `WAIT_S`."""
    end = time.monotonic() + WAIT_S
    while (found := processes(folder)) and time.monotonic() < end:
        for one in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(one.pid, signal.SIGKILL)
        time.sleep(PAUSE_S)


def shared_files() -> frozenset[str]:
    """Return what this account has at the top of the folders that all programs share."""
    return frozenset(path for folder in SHARED for path in _own(Path(folder)))


def _own(folder: Path) -> Iterator[str]:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):  # it is gone
                if entry.stat(follow_symlinks=False).st_uid == os.getuid():
                    yield entry.path


def _knows(process: Path, mark: bytes) -> bool:
    if any(mark in (process / name).read_bytes() for name in TEXTS):
        return True
    return any(os.fsencode((process / name).readlink()).startswith(mark) for name in LINKS)


def _command(process: Path) -> str:
    words = (process / "cmdline").read_bytes().replace(b"\0", b" ")
    return words.decode("utf-8", "replace").strip()[:MOST_NAME]
