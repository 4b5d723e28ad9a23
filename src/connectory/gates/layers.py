"""The only reader of the layers of images: what is in them, without unpacking anything.

A layer is a tar, gzipped or not, of everything that a file system has. Nothing of it is
followed or written: an entry has a name, a kind and a mode, and a file content to be read.
"""

import collections
import io
import stat
import tarfile  # noqa: TID251  it names the kinds of entries
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from connectory.gates.gunzip import (
    GZIP,
    ArchiveBombError,
    ArchiveDamagedError,
    Inflated,
    Limits,
    Plain,
)
from connectory.gates.member_names import ArchivePathError, shown
from connectory.gates.tar import LINKS, Extension, Stream, entries

MIB = 1024 * 1024
LIMITS = Limits(size=2048 * MIB, entries=200_000, cpu_s=60.0)
OTHERS = {tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE}
SETS_ID = stat.S_ISUID | stat.S_ISGID


class Entry(StrEnum):
    """What kind of thing an entry of a layer is."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of a layer. `offset` is where its content begins in the tar."""

    name: str  # relative, `/` between the parts; empty for the root
    kind: Entry
    mode: int
    size: int  # bytes
    offset: int

    @property
    def sets_id(self) -> bool:
        """Whether it is a program that runs as its owner or group, whoever starts it."""
        return self.kind is Entry.FILE and bool(self.mode & SETS_ID)


def members(
    source: io.BufferedReader, size: int, limits: Limits = LIMITS
) -> Iterator[tuple[Member, Iterator[bytes]]]:
    """Give each entry with its content, which is read before the next entry or skipped.

    Args:
        source: The layer, at its first byte.
        size: Its bytes in that form.
        limits: What it may ask of this machine.

    Raises:
        ArchiveTypeError: If there is something else behind the tar, or no tar.
        ArchiveDamagedError: If it cannot be read to its end in one way only.
        ArchiveBombError: If a limit is crossed, or an entry is sparse.
        ArchivePathError: If a name leads out of the file system.
    """
    is_packed = source.peek(len(GZIP)).startswith(GZIP)
    stream = Inflated(source, size, limits) if is_packed else Plain(source, limits)
    for count, (header, about) in enumerate(entries(stream), start=1):
        if count > limits.entries:
            raise ArchiveBombError(f"it has more than {limits.entries} files")
        member = _member(header, about, stream)
        content = stream.chunks(member.size)
        yield member, content
        collections.deque(content, maxlen=0)  # skip what nobody has read
        stream.read(-member.size % tarfile.BLOCKSIZE)


def _member(header: tarfile.TarInfo, about: Extension, stream: Stream) -> Member:
    name = about.said.get("path", header.name)
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise ArchivePathError(name, "leads out of the image")
    kind = _kind(header)
    size = str(header.size)
    contradicts = about.said.get("size", size) != size or (
        kind is not Entry.FILE and header.size
    )
    if header.size < 0 or contradicts:
        raise ArchiveDamagedError(f"the size of `{shown(name)}` contradicts itself")
    return Member("/".join(parts), kind, header.mode, header.size, stream.position)


def _kind(header: tarfile.TarInfo) -> Entry:
    if header.type in {tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE}:
        return Entry.FILE
    if header.type == tarfile.DIRTYPE:
        return Entry.FOLDER
    if header.type in LINKS:
        return Entry.LINK
    if header.type in OTHERS:
        return Entry.OTHER
    raise ArchiveBombError(f"`{shown(header.name)}` is of a kind that is not read")
