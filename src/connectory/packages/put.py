"""Take a package in: to disk, through the archive gate, into the tables, into the blobs."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from connectory.backends.blobs import BlobCorruptError, Blobs
from connectory.gates import archive, disk
from connectory.kernel.digest import digest_of
from connectory.packages import store
from connectory.packages.rules import (
    BUNDLE,
    BUNDLE_TYPE,
    MANIFEST_NAME,
    Package,
    PackageManifestError,
    PackageStored,
    PackageTooLargeError,
)
from connectory.work import Work

CHUNK = 256 * 1024


def put(
    begin: Callable[[], AbstractContextManager[Work]],
    blobs: Blobs,
    chunks: Iterable[bytes],
    *,
    scratch: Path,
    max_size: int,
    manifest: bytes | None = None,
) -> Package:
    """Check an uploaded bundle and store it. Storing the same bytes again is no error.

    The row is committed before the blob is written: a crash in between leaves a row that
    nobody pins, which `collect` removes, and never a blob that nobody knows of. Pin the
    package, in the transaction that publishes it, within the grace of `collect`.

    Args:
        begin: Opens a unit of work; used once, without I/O inside.
        blobs: Where the bytes go.
        chunks: The bytes as they arrive.
        scratch: Folder for the upload while it is checked.
        max_size: Most bytes that are taken.
        manifest: The published manifest, which the one inside must equal byte for byte.

    Raises:
        PackageTooLargeError: If there are more bytes; the rest is not read.
        PackageManifestError: If the manifest inside is missing or another one.
        ConnectoryError: What `gates.archive.members` and `Blobs.put` raise.
    """
    sha = hashlib.sha256()
    with disk.aside(scratch, _counted(chunks, sha, max_size)) as bundle:
        check(bundle, manifest)
        digest = f"sha256:{sha.hexdigest()}"
        size = bundle.stat().st_size
        with begin() as work:
            package = Package(digest, size, BUNDLE_TYPE, BUNDLE, work.now)
            if store.keep(work, package):
                work.emit(PackageStored(subject=digest, team="", size=size))
        if blobs.put(_read(bundle)).digest != digest:
            raise BlobCorruptError(digest)
    return package


def check(bundle: Path, manifest: bytes | None = None) -> None:
    """Refuse a bundle that is not a clean archive or carries another manifest.

    Raises:
        PackageManifestError: If the manifest inside is missing or differs from `manifest`.
        ConnectoryError: What `gates.archive.members` raises.
    """
    inside = archive.read(bundle, MANIFEST_NAME)
    if inside is None:
        raise PackageManifestError("is missing")
    if manifest is not None and manifest != inside:
        found, wanted = digest_of(inside), digest_of(manifest)
        raise PackageManifestError(f"has {found} and the published one {wanted}")


def _counted(chunks: Iterable[bytes], sha: "hashlib._Hash", max_size: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > max_size:
            raise PackageTooLargeError(max_size)
        sha.update(chunk)
        yield chunk


def _read(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while chunk := source.read(CHUNK):
            yield chunk
