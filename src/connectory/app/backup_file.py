"""The form of a backup: a gzipped tar whose first file lists all others with their digests.

backup.json      form, release, revision of the tables, and the list
connectory.db    the database at one moment
blobs/<hex>      what it refers to, named by SHA-256
keys/<name>      key files, only where they were asked for

Equal content gives equal bytes: there is no time and no owner in it.
"""

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectory.gates import archive, disk
from connectory.gates.archive import (
    ArchiveLinkError,
    ArchiveSpecialFileError,
    Member,
    Source,
)
from connectory.gates.gunzip import (
    ArchiveBombError,
    ArchiveDamagedError,
    ArchiveTypeError,
    Limits,
)
from connectory.gates.member_names import ArchiveDuplicateError, ArchivePathError
from connectory.kernel.errors import ConnectoryError, Kind

LISTING = "backup.json"
DATABASE = "connectory.db"
BLOBS, KEYS = "blobs/", "keys/"
NAME = rf"^(connectory\.db|{BLOBS}[0-9a-f]{{64}}|{KEYS}[a-z]{{1,32}})$"
MAX_LISTING = 256 * 1024 * 1024  # bytes
CHUNK = 256 * 1024
LIMITS = Limits(
    size=1 << 40,  # bytes; what fits is for the disk to say
    entries=1_000_000,
    ratio=1_100,  # more than deflate can do: an empty page of a database compresses that well
    cpu_s=math.inf,  # the operator waits for it and can interrupt it
)
BROKEN = (
    ArchiveBombError,
    ArchiveDamagedError,
    ArchiveDuplicateError,
    ArchiveLinkError,
    ArchivePathError,
    ArchiveSpecialFileError,
)


class BackupForeignError(ConnectoryError):
    """A file is not a backup that this release of Connectory knows."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "backup-foreign"

    def __init__(self, file: Path) -> None:
        super().__init__(
            f"{file} is not a backup that this release can read",
            hint="name a file that `connectory backup create` wrote, or use a newer release",
        )


class BackupDamagedError(ConnectoryError):
    """A backup is not whole: something in it is missing, changed or does not belong there."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "backup-damaged"

    def __init__(self, file: Path, what: str) -> None:
        super().__init__(
            f"the backup {file} is damaged: {what}",
            hint="copy it again from where it is kept, or use an older one",
        )


class Entry(BaseModel):
    """One file of a backup."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[str, Field(pattern=NAME)]
    size: Annotated[int, Field(ge=0)]
    digest: Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$")]


class Listing(BaseModel):
    """What a backup says of itself."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    form: Literal[1] = 1
    release: str
    revision: str
    files: list[Entry]

    @property
    def blobs(self) -> frozenset[str]:
        """The digests of the blobs in it."""
        return frozenset(one.digest for one in self.files if one.name.startswith(BLOBS))

    @property
    def has_keys(self) -> bool:
        """Whether key files are in it."""
        return any(one.name.startswith(KEYS) for one in self.files)


@dataclass(frozen=True, slots=True)
class Part:
    """A file to be put into a backup."""

    entry: Entry
    chunks: Iterable[bytes]


def write(to: Path, release: str, revision: str, parts: Iterable[Part]) -> Listing:
    """Write a backup aside and rename it to `to`, mode 0600.

    Raises:
        StorageFullError: If the disk is full; nothing is left behind.
        BlobMissingError, BlobCorruptError: As the chunks of a blob do.
    """
    parts = list(parts)
    listing = Listing(release=release, revision=revision, files=[part.entry for part in parts])
    head = listing.model_dump_json(indent=1).encode()
    sources = [Source(LISTING, len(head), [head])]
    sources += [Source(one.entry.name, one.entry.size, one.chunks) for one in parts]
    with disk.aside(to.parent, archive.packed(sources)) as file:
        disk.replace(file, to)
    return listing


def read(file: Path, keep: Callable[[Entry, Iterator[bytes]], object]) -> Listing:
    """Read a whole backup, giving `keep` each file; the last chunk comes after its check.

    What was kept counts only when this returns: then all is there and nothing else.

    Raises:
        BackupForeignError: If the file is something else.
        BackupDamagedError: If it is not whole.
    """
    with _whole(file):
        members = archive.contents(file, LIMITS)
        listing = _listing(file, members)
        for entry in listing.files:
            member, content = next(members, (None, iter(())))
            if member is None or (member.name, member.size) != (entry.name, entry.size):
                raise BackupDamagedError(file, f"{entry.name} is not where the list says")
            keep(entry, _verified(file, entry, content))
        if next(members, None) is not None:
            raise BackupDamagedError(file, "it has a file that the list does not name")
    return listing


def digest_of_file(path: Path) -> str:
    """Return the content address of a file that may be large."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def chunks_of(path: Path) -> Iterator[bytes]:
    """Give the bytes of a file piece by piece."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _listing(file: Path, members: Iterator[tuple[Member, Iterator[bytes]]]) -> Listing:
    first = next(members, None)
    if first is None or first[0].name != LISTING or first[0].size > MAX_LISTING:
        raise BackupForeignError(file)
    try:
        listing = Listing.model_validate_json(b"".join(first[1]))
    except ValidationError as failure:
        raise BackupForeignError(file) from failure
    for entry in listing.files:
        if entry.name.startswith(BLOBS) and entry.name != blob_name(entry.digest):
            raise BackupDamagedError(file, f"{entry.name} is listed with another digest")
    if [one.name for one in listing.files].count(DATABASE) != 1:
        raise BackupDamagedError(file, f"it does not list {DATABASE} once")
    return listing


def blob_name(digest: str) -> str:
    """Return the name under which a blob stands in a backup."""
    return BLOBS + digest.removeprefix("sha256:")


def _verified(file: Path, entry: Entry, content: Iterator[bytes]) -> Iterator[bytes]:
    sha = hashlib.sha256()
    held = b""
    for chunk in content:
        sha.update(chunk)
        if held:
            yield held
        held = chunk
    if f"sha256:{sha.hexdigest()}" != entry.digest:
        raise BackupDamagedError(file, f"{entry.name} has changed")
    if held:
        yield held


@contextmanager
def _whole(file: Path) -> Iterator[None]:
    """Speak of a backup where the reader of archives speaks of packages."""
    try:
        yield
    except ArchiveTypeError as failure:
        raise BackupForeignError(file) from failure
    except BROKEN as failure:
        raise BackupDamagedError(file, "the archive cannot be read to its end") from failure
