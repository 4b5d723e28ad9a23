"""Answers about packages, for other slices."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from connectory.backends.blobs import Blobs
from connectory.gates import disk
from connectory.packages import store
from connectory.packages.rules import Package
from connectory.work import Work


def packages_of(work: Work, digests: Collection[str]) -> Mapping[str, Package]:
    """Return those of the packages that exist, by digest."""
    return store.find(work, digests)


@contextmanager
def bundle_path(blobs: Blobs, digest: str, scratch: Path) -> Iterator[Path]:
    """Give a local file with the verified bytes of a package; it is gone after the block.

    Raises:
        BlobMissingError: If there is no such content.
        BlobCorruptError: If the stored bytes have changed; then the block does not begin.
        StorageFullError: If the scratch folder has no space.
    """
    with blobs.open(digest) as chunks, disk.aside(scratch, chunks) as path:
        yield path
