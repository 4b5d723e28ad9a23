"""Walking through a tar: its headers, and what the headers before them say about them.

`TarFile` silently ends at the first broken header and lets later headers override earlier ones;
here a tar that two readers could read in two ways is damaged.
"""

import re
import tarfile  # noqa: TID251  it parses single headers
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from connectory.gates.gunzip import ArchiveBombError, ArchiveDamagedError, ArchiveTypeError
from connectory.gates.member_names import ArchivePathError

MAX_EXTENSION = 64 * 1024  # bytes of one pax header or long name
NAME_FIELD, PREFIX_FIELD, MAGIC_FIELD = slice(0, 100), slice(345, 500), slice(257, 263)
POSIX_MAGIC = b"ustar\0"
LINKS = {tarfile.LNKTYPE, tarfile.SYMTYPE}
PLAIN = {tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE}
PAX = {tarfile.XHDTYPE, tarfile.XGLTYPE}
LONG = {tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}
PAX_RECORD = re.compile(rb"([1-9][0-9]{0,5}) ([^=\n]+)=")
PER_FILE = ("path", "size", "GNU.sparse.")
ATTRIBUTES = ("SCHILY.xattr.", "SCHILY.acl.", "LIBARCHIVE.xattr.", "RHT.security.")


class Stream(Protocol):
    """The bytes of a tar, read forwards only."""

    position: int

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes; raises if there are fewer."""

    def chunks(self, size: int) -> Iterator[bytes]:
        """Give the next `size` bytes piece by piece."""

    def rest(self) -> Iterator[bytes]:
        """Give everything up to the end."""


@dataclass(slots=True)
class Extension:
    """What the headers before an entry say about it: `path` and `size` instead of its own."""

    said: dict[str, str] = field(default_factory=dict)
    has_attributes: bool = False


def entries(stream: Stream) -> Iterator[tuple[tarfile.TarInfo, Extension]]:
    """Give the header of each entry, with what the headers before it say about it."""
    about = Extension()
    while (header := _header(stream)) is not None:
        if header.type in PAX | LONG:
            _extend(about, header, stream)
        else:
            yield header, about
            about = Extension()
    for piece in stream.rest():
        if piece.strip(b"\0"):
            raise ArchiveTypeError("followed by something else after its end")


def _header(stream: Stream) -> tarfile.TarInfo | None:
    """Read one header block; None for the zeros that end a tar."""
    is_first = stream.position == 0
    block = stream.read(tarfile.BLOCKSIZE)
    if not block.strip(b"\0"):
        return None
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError as failure:
        if is_first:
            raise ArchiveTypeError("compressed with gzip but no tar inside") from None
        raise ArchiveDamagedError(f"a header is wrong ({failure})") from None
    prefix = block[PREFIX_FIELD].strip(b"\0")
    if prefix and block[MAGIC_FIELD] != POSIX_MAGIC and header.type not in tarfile.GNU_TYPES:
        raise ArchiveDamagedError("an old GNU header has data where a name could be")
    if b"\0" in block[NAME_FIELD].rstrip(b"\0") or b"\0" in prefix:
        raise ArchivePathError(header.name, "has a NUL character")
    return header


def _extend(about: Extension, header: tarfile.TarInfo, stream: Stream) -> None:
    """Read the content of a header that says something about the entry behind it."""
    if not 0 <= header.size <= MAX_EXTENSION:
        raise ArchiveBombError(f"a header has more than {MAX_EXTENSION} bytes")
    content = stream.read(header.size)
    stream.read(-header.size % tarfile.BLOCKSIZE)
    if header.type == tarfile.GNUTYPE_LONGNAME:
        _say(about, "path", content.rstrip(b"\0").decode("utf-8", "surrogateescape"))
    elif header.type == tarfile.XGLTYPE:
        if any(key.startswith(PER_FILE) for key, _ in _records(content)):
            raise ArchiveDamagedError("a global header speaks of one file")
    elif header.type == tarfile.XHDTYPE:
        for key, value in _records(content):
            _say(about, key, value)


def _records(content: bytes) -> Iterator[tuple[str, str]]:
    """Give the records of a pax header: `<length> <key>=<value>` and a line feed, each."""
    begin = 0
    while begin < len(content):
        start = PAX_RECORD.match(content, begin)
        end = begin + int(start[1]) if start else 0
        if start is None or end <= start.end() or content[end - 1 : end] != b"\n":
            raise ArchiveDamagedError("a pax header has a wrong record")
        key, value = start[2], content[start.end() : end - 1]
        yield key.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape")
        begin = end


def _say(about: Extension, key: str, value: str) -> None:
    """Keep the record of a pax header if it is one that matters."""
    if key.startswith("GNU.sparse."):
        raise ArchiveBombError("it has a sparse file")
    if key in {"path", "size"}:
        if key in about.said:
            raise ArchiveDamagedError(f"two headers give one file its {key}")
        about.said[key] = value
    elif key.startswith(ATTRIBUTES):
        about.has_attributes = True
