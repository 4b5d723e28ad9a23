"""Delete packages that nobody needs.

The blob goes inside the transaction that holds the lock on its row, although that is I/O: an
upload of the same bytes waits for the lock, and so writes the blob after the deletion and not
before it.
"""

from datetime import timedelta

from connectory.backends.blobs import Blobs
from connectory.packages import store
from connectory.packages.rules import (
    Package,
    PackageInUseError,
    PackageMissingError,
    PackageRemoved,
)
from connectory.work import Work

GRACE = timedelta(days=1)
BATCH = 50


def remove(work: Work, blobs: Blobs, digest: str) -> None:
    """Delete one package.

    Raises:
        PackageMissingError: If there is no such package.
        PackageInUseError: If it is pinned; names the holders.
    """
    package = store.lock(work, digest)
    if package is None:
        raise PackageMissingError(digest)
    if pins := store.pins(work, [digest])[digest]:
        raise PackageInUseError(digest, pins)
    _drop(work, blobs, package)


def collect(
    work: Work, blobs: Blobs, *, grace: timedelta = GRACE, limit: int = BATCH
) -> tuple[str, ...]:
    """Delete packages that have no pin and were last uploaded longer than `grace` ago.

    The grace is for uploads whose version is being published. Returns the digests of what is
    gone, at most `limit` so that the locks are short; call again while it is that many.
    """
    dropped = []
    before = work.now - grace
    for digest in store.unpinned_before(work, before, limit):
        package = store.lock(work, digest)  # somebody may have pinned or renewed it meanwhile
        if package and package.stored_at < before and not store.pins(work, [digest])[digest]:
            _drop(work, blobs, package)
            dropped.append(digest)
    return tuple(dropped)


def _drop(work: Work, blobs: Blobs, package: Package) -> None:
    store.remove(work, package.digest)
    work.emit(PackageRemoved(subject=package.digest, team="", size=package.size))
    blobs.delete(package.digest)
