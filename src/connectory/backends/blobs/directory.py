"""The embedded blob store: files in a directory. Good for one machine."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, ClassVar

from connectory.backends.blobs import BlobCorruptError, BlobMissingError, Stored
from connectory.gates import disk
from connectory.kernel import clock
from connectory.kernel.digest import is_digest
from connectory.kernel.errors import ConnectoryError, Kind

CHUNK = 256 * 1024
INCOMING = "incoming"
STALE = timedelta(days=1)  # no upload takes that long; what is older was left by a crash


class BlobsUnavailableError(ConnectoryError):
    """The directory of the blob store cannot be read or written."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "blobs-unavailable"

    def __init__(self, root: Path, reason: str) -> None:
        super().__init__(
            f"the blob directory {root} cannot be used: {reason}",
            hint="check that the directory exists and belongs to the account of the server",
        )


class DirectoryBlobs:
    """Blobs as files under `root/ab/cdef…`, written aside and then renamed into place.

    The bytes are on disk before the rename and the rename is on disk before `put` returns, so
    that a power loss keeps all of a blob or none of it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / INCOMING
        self._sweep()

    def put(self, chunks: Iterable[bytes]) -> Stored:
        """Store the bytes and return their address; replaces a copy that went bad."""
        sha = hashlib.sha256()
        with disk.aside(self._incoming, _hashed(chunks, sha)) as file:
            stored = Stored(f"sha256:{sha.hexdigest()}", file.stat().st_size)
            disk.replace(file, self._path(stored.digest))
            disk.sync_folder(self._root)
        return stored

    @contextmanager
    def open(self, digest: str) -> Iterator[Iterator[bytes]]:
        """Read a blob in chunks."""
        if not is_digest(digest):
            raise BlobMissingError(digest)
        try:
            file = self._path(digest).open("rb")
        except FileNotFoundError:
            raise BlobMissingError(digest) from None
        with file:
            yield _verified(file, digest)

    def has(self, digest: str) -> bool:
        """Whether there is a file for the digest."""
        return is_digest(digest) and self._path(digest).is_file()

    def delete(self, digest: str) -> None:
        """Remove the file."""
        if is_digest(digest):
            self._path(digest).unlink(missing_ok=True)

    def ping(self) -> None:
        """Write and read a few bytes."""
        try:
            with disk.aside(self._incoming, [b"ping"]):
                pass
        except OSError as failure:
            reason = failure.strerror or "unknown"
            raise BlobsUnavailableError(self._root, reason) from failure

    def _path(self, digest: str) -> Path:
        name = digest.removeprefix("sha256:")
        return self._root / name[:2] / name[2:]

    def _sweep(self) -> None:
        """Remove what uploads left behind when the process died."""
        if not self._incoming.is_dir():
            return
        oldest = (clock.now() - STALE).timestamp()
        for left in self._incoming.iterdir():
            if left.stat().st_mtime < oldest:
                left.unlink(missing_ok=True)


def _hashed(chunks: Iterable[bytes], sha: "hashlib._Hash") -> Iterator[bytes]:
    for chunk in chunks:
        sha.update(chunk)
        yield chunk


def _verified(file: BinaryIO, digest: str) -> Iterator[bytes]:
    """Give the chunks of a file, the last one only after the digest of all agreed."""
    sha = hashlib.sha256()
    held = b""
    while chunk := file.read(CHUNK):
        sha.update(chunk)
        if held:
            yield held
        held = chunk
    if f"sha256:{sha.hexdigest()}" != digest:
        raise BlobCorruptError(digest)
    if held:
        yield held
