"""Where package bytes live. A blob is named by the SHA-256 of its content and never changes."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import ClassVar, Protocol

from connectory.kernel.errors import ConnectoryError, Kind


class BlobMissingError(ConnectoryError):
    """No blob has this digest."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "blob-missing"

    def __init__(self, digest: str) -> None:
        super().__init__(
            f"no package content with digest {digest}",
            hint="publish the package again; publishing identical bytes is safe to repeat",
            digest=digest,
        )


class BlobCorruptError(ConnectoryError):
    """The stored bytes no longer have the digest they are stored under."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "blob-corrupt"

    def __init__(self, digest: str) -> None:
        super().__init__(
            f"the stored content of {digest} has changed on disk",
            hint="restore this blob from a backup, or publish the package again",
            digest=digest,
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """What `put` stored: the content address and the number of bytes."""

    digest: str
    size: int


class Blobs(Protocol):
    """A place for immutable bytes.

    Every implementation passes `tests/contracts/test_blobs.py`; that suite, not this text, is
    the definition. Safe to use from several threads.
    """

    def put(self, chunks: Iterable[bytes]) -> Stored:
        """Store the bytes durably and return their address. Storing them twice is no error.

        A caller that stops halfway leaves nothing behind that `open` could return.
        """
        ...

    def open(self, digest: str) -> AbstractContextManager[Iterator[bytes]]:
        """Read a blob in chunks. The last chunk is only given once the whole digest agreed.

        Raises:
            BlobMissingError: If nothing is stored under `digest`.
            BlobCorruptError: While reading, before the last chunk, if the bytes have changed.
        """
        ...

    def has(self, digest: str) -> bool:
        """Whether something is stored under `digest`; does not verify it."""
        ...

    def delete(self, digest: str) -> None:
        """Forget a blob. Deleting what is not there is no error."""
        ...

    def ping(self) -> None:
        """Raise a ConnectoryError unless the store can be read and written now."""
        ...
