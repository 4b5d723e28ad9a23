"""What there is in a throw-away marketplace and around it, to compare before and after."""

import time
from collections.abc import Iterator
from pathlib import Path

from connectory.gates import traces
from connectory.rehearsals import store
from connectory.rehearsals.rules import Thing
from connectory.rehearsals.throwaway import Stay

OWN = frozenset({"blobs", "index", "keys", "reserve", "scratch", "shims", "standins"})
"""What belongs to the marketplace or the vendors, not to an instance: a supervisor, too."""
EMPTIED = frozenset({"environments", "instances"})
"""Folders that stay; what is in them must not."""
DATABASE = "connectory.db"
SETTLE_S = 3.0
PAUSE_S = 0.1
Picture = frozenset[Thing]


def take(stay: Stay) -> Picture:
    """Return everything that is there now."""
    throwaway = stay.throwaway
    with throwaway.works.read() as work:
        rows = store.rows(work)
    return frozenset(
        (
            *_files(throwaway.folder),
            *_processes(throwaway.folder),
            *(Thing(table.replace("_", " "), key) for table, key in rows),
            *stay.subscriptions(),
            *_shared(stay),
        )
    )


def left(stay: Stay, before: Picture) -> Picture:
    """Return what has come since; what is just about to go is waited for."""
    end = time.monotonic() + SETTLE_S
    while (new := take(stay) - before) and time.monotonic() < end:
        time.sleep(PAUSE_S)
    return new


def _files(folder: Path) -> Iterator[Thing]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        is_own = name.parts[0] in OWN or name.parts[0].startswith(DATABASE)
        if not is_own and str(name) not in EMPTIED:
            yield Thing("file", str(name))


def _processes(folder: Path) -> Iterator[Thing]:
    for one in traces.processes(folder):
        yield Thing("process", one.command.replace(f"{folder}/", ""))


def _shared(stay: Stay) -> Iterator[Thing]:
    """Give what a connector can only leave there if nothing contains it."""
    if not stay.throwaway.target.is_contained:
        own = str(stay.throwaway.folder)
        yield from (Thing("file", p) for p in traces.shared_files() if not own.startswith(p))
