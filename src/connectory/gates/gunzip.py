"""Gzip read with limits: on what it may grow to, how much faster than its input, and CPU time.

`gzip.open` has none of them: 495 bytes of nested gzip inflate to 200 MiB. Here the output is
counted while it is made, so a bomb is stopped at the limit and not noticed behind it.
"""

import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, ClassVar

from connectory.kernel.errors import ConnectoryError, Kind

MIB = 1024 * 1024
CHUNK = 64 * 1024
GZIP = b"\x1f\x8b\x08"
GZIP_WRAPPER = 16 + zlib.MAX_WBITS  # zlib's way to say "with gzip header and checksum"
OTHERS = {
    b"PK": "a ZIP archive",
    b"\x7fELF": "a Linux program",
    b"MZ": "a Windows program",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ\x00": "compressed with xz",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
}
TAR_MAGIC = slice(257, 262)


class ArchiveTypeError(ConnectoryError):
    """An upload is not a gzipped tar, or is one and something else at the same time."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "archive-type"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the package is {what}, not a gzipped tar",
            hint="make it with `connectory package`, or with `tar -czf package.tar.gz *`",
            field="package",
        )


class ArchiveDamagedError(ConnectoryError):
    """An archive ends too early, fails its checksum or contradicts itself."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "archive-damaged"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"the package archive is damaged: {why}",
            hint="make the archive again and upload it again; `gzip -t` checks a file",
            field="package",
        )


class ArchiveBombError(ConnectoryError):
    """An archive would unpack to more than the limits allow."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "archive-bomb"

    def __init__(self, crossed: str) -> None:
        super().__init__(
            f"the package archive was not read further: {crossed}",
            hint="remove data and build output from the package; large data belongs elsewhere",
            field="package",
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may ask of this machine. Crossing one of them ends the reading."""

    size: int = 200 * MIB  # bytes after decompression, headers and padding included
    entries: int = 5000  # files and directories
    ratio: int = 50  # decompressed / compressed, looked at only above `ratio_from`
    ratio_from: int = 64 * MIB  # bytes
    cpu_s: float = 10.0  # of the reading thread


class Inflated:
    """The decompressed content of one gzip stream, read forwards only.

    Args:
        source: The compressed file, at its first byte.
        compressed: Its size in bytes.
        limits: What may be asked of this machine.

    Raises:
        ArchiveTypeError: If the first bytes are not those of gzip.
    """

    def __init__(self, source: BinaryIO, compressed: int, limits: Limits) -> None:
        start = source.read(CHUNK)
        _sniff(start)
        self._source = source
        self._compressed = compressed
        self._limits = limits
        self._input = start
        self._zlib = zlib.decompressobj(GZIP_WRAPPER)
        self._ready = b""
        self._made = 0
        self.position = 0  # bytes given out by `read`
        self._cpu_end = time.thread_time() + limits.cpu_s

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes; for headers, not for contents.

        Raises:
            ArchiveDamagedError: If the stream ends before, or its checksum is wrong.
            ArchiveBombError: If a limit is crossed.
        """
        while len(self._ready) < size:
            more = self._more()
            if not more:
                raise ArchiveDamagedError("it ends in the middle of a member")
            self._ready += more
        wanted, self._ready = self._ready[:size], self._ready[size:]
        self.position += size
        return wanted

    def chunks(self, size: int) -> Iterator[bytes]:
        """Return the next `size` bytes piece by piece; raises as `read` does."""
        return _pieces(self, size)

    def rest(self) -> Iterator[bytes]:
        """Return everything up to the end, which includes the check of the checksum."""
        while piece := self._ready or self._more():
            self._ready = b""
            yield piece

    def _more(self) -> bytes:
        """Inflate the next non-empty piece; empty at the end of the stream."""
        while not self._zlib.eof:
            fed = self._input or self._source.read(CHUNK)
            try:
                made = self._zlib.decompress(fed, CHUNK)
            except zlib.error:
                raise ArchiveDamagedError("its gzip data or checksum is wrong") from None
            self._input = self._zlib.unconsumed_tail
            self._account(len(made))
            if made:
                return made
            if not fed and not self._zlib.eof:
                raise ArchiveDamagedError("the gzip data ends too early")
        if self._zlib.unused_data or self._source.read(1):
            raise ArchiveTypeError("followed by something else after its end")
        return b""

    def _account(self, made: int) -> None:
        self._made += made
        limits = self._limits
        if self._made > limits.size:
            raise ArchiveBombError(f"it unpacks to more than {limits.size} bytes")
        if self._made > limits.ratio_from and self._made > limits.ratio * self._compressed:
            raise ArchiveBombError(f"it unpacks to more than {limits.ratio} times its size")
        if time.thread_time() > self._cpu_end:
            raise ArchiveBombError(f"reading it took more than {limits.cpu_s} s of CPU time")


class Plain:
    """A file that is not compressed, read as `Inflated` is.

    Args:
        source: The file, at its first byte.
        limits: What may be asked of this machine.
    """

    def __init__(self, source: BinaryIO, limits: Limits) -> None:
        self._source = source
        self._limits = limits
        self.position = 0  # bytes given out

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes.

        Raises:
            ArchiveDamagedError: If the file ends before.
            ArchiveBombError: If it is larger than the limit.
        """
        self.position += size
        if self.position > self._limits.size:
            raise ArchiveBombError(f"it has more than {self._limits.size} bytes")
        piece = self._source.read(size)
        if len(piece) != size:
            raise ArchiveDamagedError("it ends in the middle of a member")
        return piece

    def chunks(self, size: int) -> Iterator[bytes]:
        """Return the next `size` bytes piece by piece; raises as `read` does."""
        return _pieces(self, size)

    def rest(self) -> Iterator[bytes]:
        """Return everything up to the end."""
        while piece := self._source.read(CHUNK):
            yield piece


def _pieces(stream: Inflated | Plain, size: int) -> Iterator[bytes]:
    while size > 0:
        piece = stream.read(min(size, CHUNK))
        size -= len(piece)
        yield piece


def _sniff(start: bytes) -> None:
    if start.startswith(GZIP):
        return
    if not start:
        raise ArchiveTypeError("an empty file")
    if start[TAR_MAGIC] == b"ustar":
        raise ArchiveTypeError("a tar without compression")
    known = (what for magic, what in OTHERS.items() if start.startswith(magic))
    raise ArchiveTypeError(next(known, "of an unknown type"))
