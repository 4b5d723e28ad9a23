"""No blob is deleted while a backup copies them, in whichever process each of the two runs.

It is a lock on a file of the data directory, which the system drops when a process ends.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "blobs.lock"


@contextmanager
def keeping_all(data: Path) -> Iterator[None]:
    """Let nobody delete blobs within the block; wait for whoever is deleting now."""
    with (data / NAME).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


@contextmanager
def may_delete(data: Path) -> Iterator[bool]:
    """Say whether blobs may be deleted within the block: not while anybody keeps them all."""
    with (data / NAME).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
