"""What one generation of a connector uses: counted while it runs, kept over restarts.

The hosts are what `egress` let through and refused. Secrets and outputs are names in the lines
that the SDK prints; a connector that says nothing of them is one of which nothing is known.
"""

import json
import os
import re
import resource
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from connectory.backends.targets.local.shim.contract import USED, Config, Used
from connectory.backends.targets.local.shim.log import stamp
from connectory.backends.targets.local.shim.machine import children

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
KIB, BLOCK = 1024, 512
CPU_FIELDS = slice(11, 15)  # of /proc/<pid>/stat behind the name: own, and of buried children
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
MOST_NAMES = 50
MOST_HOSTS = 200  # of each kind; `egress` keeps itself to less
SAID = {"secrets_read": "secrets", "outputs_given": "outputs"}
"""Facts of log lines that hold JSON lists of names."""


class Meter:
    """Counts for one generation. Its file is read by whoever asks when no shim runs."""

    def __init__(self, config: Config) -> None:
        self.used = _kept(config.generation) or Used(
            config.generation, stamp(), starts=0, hosts={} if config.is_contained else None
        )
        self._root: Callable[[], int] | None = None  # what it descends from, if anything
        self._since = 0.0  # monotonic, when that was started or last looked at
        self._began = 0.0
        self._cpu_s = 0.0  # of its processes, as last seen
        self._buried_s = 0.0  # CPU of processes that had ended when it was started
        self._is_cold = False  # whether nobody has seen it healthy yet

    def started(self, root: Callable[[], int], began: float) -> None:
        """Begin with a process; `began` is the monotonic time before it was made."""
        self._root, self._began, self._since, self._cpu_s = root, began, began, 0.0
        self._buried_s = _buried_cpu_s()
        self._is_cold = True
        self.used.starts += 1

    def healthy(self) -> None:
        """Note that it has answered its first health check."""
        if self._is_cold:
            self._is_cold = False
            self.used.cold_start_ms = round((time.monotonic() - self._began) * 1000)
            self.save()

    def look(self) -> int:
        """Count up to now and return the bytes of memory in use."""
        if self._root is None:
            return 0
        now = time.monotonic()
        self.used.running_s += now - self._since
        self._since = now
        processes = family(self._root())
        cpu_s = sum(map(_cpu_s, processes))
        self.used.cpu_s += max(0.0, cpu_s - self._cpu_s)
        self._cpu_s = max(self._cpu_s, cpu_s)
        memory = sum(_status_bytes(one, b"VmRSS:") for one in processes)
        peak = max((_status_bytes(one, b"VmHWM:") for one in processes), default=0)
        self.used.memory_peak = max(self.used.memory_peak, memory, peak)
        return memory

    def ended(self) -> None:
        """Note that no process of it is left."""
        self.look()
        self.used.cpu_s += max(0.0, _buried_cpu_s() - self._buried_s - self._cpu_s)
        self._root = None
        self.save()

    def counted(self, raw: bytes) -> bool:
        """Take a line of `egress` that is a count; False for one that is for the log."""
        try:
            line = json.loads(raw)
            host, numbers = line["count"], line["numbers"]
        except (ValueError, KeyError, TypeError):
            return False
        table = self.used.hosts if line["is_passed"] else self.used.refused
        if table is not None and (host in table or len(table) < MOST_HOSTS):
            is_new = host not in table
            before = table.get(host, [0] * len(numbers))
            table[host] = [a + b for a, b in zip(before, numbers, strict=True)]
            if is_new:
                self.save()
        return True

    def heard(self, record: dict[str, str]) -> None:
        """Take what the SDK says in a line of the log."""
        for fact, field in SAID.items():
            if fact in record:
                self._note(field, _names(record[fact]))

    def save(self) -> None:
        """Keep the counts in their file."""
        aside = Path(f"{USED}.new")
        # A full disk must not end the connector; the socket knows the counts, too.
        with suppress(OSError):
            aside.write_text(json.dumps(asdict(self.used)))
            aside.replace(USED)

    def _note(self, field: str, said: set[str]) -> None:
        known = getattr(self.used, field)
        names = sorted(said | set(known or ()))[:MOST_NAMES]
        if names != known:
            setattr(self.used, field, names)
            self.save()


def family(root: int) -> list[int]:
    """Return a process and all that descend from it; nothing for 0."""
    found = [root] if root else []
    for one in found:
        found += children(one)
    return found


def shared_fairly(processes: list[int]) -> int:
    """Return the bytes of memory of processes, what they share counted once (PSS)."""
    return sum(_status_bytes(one, b"Pss:", "smaps_rollup") for one in processes)


def held_bytes(folders: list[Path], processes: list[int], enough: int) -> int:
    """Return the bytes on disk below folders, with deleted files that processes keep open.

    The count ends above `enough`.

    Raises:
        OSError: If there is a folder that cannot be looked into.
    """
    total = sum(_unlinked(processes, folders[0].stat().st_dev).values())
    waiting = list(map(str, folders))
    while waiting and total <= enough:
        with suppress(FileNotFoundError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    total += entry.stat(follow_symlinks=False).st_blocks * BLOCK
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
    return total


def _unlinked(processes: list[int], device: int) -> dict[int, int]:
    """Return the bytes of files on a device that have no name left, by their numbers."""
    found = {}
    for process in processes:
        with suppress(OSError):  # it has ended
            for handle in os.scandir(f"/proc/{process}/fd"):
                with suppress(OSError):
                    seen = handle.stat()
                    if stat.S_ISREG(seen.st_mode) and (seen.st_nlink, seen.st_dev) == (
                        0,
                        device,
                    ):
                        found[seen.st_ino] = seen.st_blocks * BLOCK
    return found


def _kept(generation: int) -> Used | None:
    try:
        kept = Used(**json.loads(Path(USED).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    return kept if kept.generation == generation else None


def _names(said: str) -> set[str]:
    with suppress(ValueError):
        names = json.loads(said)
        if isinstance(names, list):
            return {n for n in names if isinstance(n, str) and NAME.fullmatch(n)}
    return set()


def _buried_cpu_s() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def _cpu_s(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[CPU_FIELDS])) * TICK_S


def _status_bytes(process: int, field: bytes, file: str = "status") -> int:
    with suppress(OSError):  # it has ended
        for line in Path(f"/proc/{process}/{file}").read_bytes().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) * KIB
    return 0
