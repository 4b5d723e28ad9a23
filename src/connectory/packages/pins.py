"""Say that a package is needed, or no longer."""

from collections.abc import Collection, Mapping

from connectory.packages import store
from connectory.packages.rules import PackageMissingError, Pin
from connectory.work import Work


def pin(work: Work, digest: str, needed: Pin) -> None:
    """Keep a package from being deleted. Pinning again only changes the reason.

    Raises:
        PackageMissingError: If there is no such package.
    """
    hold(work, digest)
    store.add_pin(work, digest, needed)


def hold(work: Work, digest: str) -> None:
    """Keep a package from being deleted until the transaction ends.

    Raises:
        PackageMissingError: If there is no such package.
    """
    if store.lock(work, digest) is None:
        raise PackageMissingError(digest)


def unpin(work: Work, digest: str, *, holder_kind: str, holder: str) -> None:
    """Drop the claim of one holder. Dropping what is not there is no error."""
    store.remove_pin(work, digest, holder_kind, holder)


def pins_of(work: Work, digests: Collection[str]) -> Mapping[str, tuple[Pin, ...]]:
    """Return who needs each of the packages; every digest asked for is a key."""
    return store.pins(work, digests)
