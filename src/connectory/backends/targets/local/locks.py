"""Locks between threads and processes, which end with their holder, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(subject: Path) -> Iterator[None]:
    """Get the lock of a file or folder and keep it; meanwhile `<subject>.lock` is there."""
    path = subject.with_name(f"{subject.name}.lock")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = _locked(path)
    while handle is None:
        handle = _locked(path)
    try:
        yield
    finally:
        path.unlink()
        os.close(handle)


def _locked(path: Path) -> int | None:
    """Return the open and locked file; None if its holder before us has deleted it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        if os.path.samestat(os.fstat(handle), path.stat()):
            return handle
    except FileNotFoundError:
        pass
    os.close(handle)
    return None
