"""The only reader and writer of archives.

A package is a gzipped tar of regular files. Everything else that tar can carry (links, devices,
sparse files, owners, attributes) is refused or dropped. The standard library parses single
headers here; walking, limits, names and writing are our own, because `TarFile.extract*` follows
links that an archive brought along and silently ends at the first broken header.
"""

import collections
import gzip
import io
import os
import stat
import tarfile  # noqa: TID251  this is the place
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar

from connectory.gates import disk
from connectory.gates.gunzip import (
    GZIP_WRAPPER,
    ArchiveBombError,
    ArchiveDamagedError,
    Inflated,
    Limits,
)
from connectory.gates.member_names import Names, check_name, shown
from connectory.gates.tar import LINKS, PLAIN, Extension, entries
from connectory.kernel.errors import ConnectoryError, Kind

LIMITS = Limits()
DROPPED_BITS = {stat.S_ISUID: "setuid", stat.S_ISGID: "setgid", stat.S_IWOTH: "world-writable"}
FILE_MODE, FOLDER_MODE = 0o644, 0o755
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class ArchiveLinkError(ConnectoryError):
    """An archive contains a symbolic or hard link."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "archive-link"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the package contains the link `{shown(name)}`",
            hint="replace it by the file itself, for example with `tar --dereference`",
            field="package",
            member=shown(name),
        )


class ArchiveSpecialFileError(ConnectoryError):
    """An archive contains a device, a pipe or another thing that is not a file."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "archive-special-file"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the package contains `{shown(name)}`, which is neither a file nor a folder",
            hint="leave it out; a package has regular files only",
            field="package",
            member=shown(name),
        )


@dataclass(frozen=True, slots=True)
class Member:
    """One regular file of an archive. Its owner, mode and attributes are never applied."""

    name: str  # relative, `/` between the parts
    size: int  # bytes
    dropped: tuple[str, ...] = ()  # what it asked for in vain: `setuid`, `attributes`, ...


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be packed whose bytes come piece by piece."""

    name: str
    size: int  # bytes
    chunks: Iterable[bytes]


def members(bundle: Path, limits: Limits = LIMITS) -> Iterator[Member]:
    """List the files of an archive. Only a list read to its end has checked all of it.

    Raises:
        ArchiveTypeError: If it is not a gzipped tar and nothing else.
        ArchiveDamagedError: If it cannot be read to its end.
        ArchiveBombError: If a limit is crossed, or a member is sparse.
        ArchivePathError: If a name is not plainly relative.
        ArchiveLinkError: If there is a link.
        ArchiveSpecialFileError: If there is a device or the like.
        ArchiveDuplicateError: If two names are one file.
    """
    for member, _ in contents(bundle, limits):
        yield member


def contents(bundle: Path, limits: Limits = LIMITS) -> Iterator[tuple[Member, Iterator[bytes]]]:
    """Give each file with its content, which is read before the next file or skipped.

    Raises:
        ConnectoryError: As `members` does.
    """
    names = Names()
    with bundle.open("rb") as source:
        inflated = Inflated(source, bundle.stat().st_size, limits)
        for count, (header, about) in enumerate(entries(inflated), start=1):
            if count > limits.entries:
                raise ArchiveBombError(f"it has more than {limits.entries} files")
            name = _checked(header, about)
            names.add(name, folder=header.isdir())
            content = inflated.chunks(header.size)
            if not header.isdir():
                yield Member(name, header.size, _dropped(header, about)), content
            collections.deque(content, maxlen=0)  # skip what nobody has read
            inflated.read(-header.size % tarfile.BLOCKSIZE)


def unpack(bundle: Path, into: Path, limits: Limits = LIMITS) -> tuple[Member, ...]:
    """Check a whole archive, then write its files below `into`, which is empty or new.

    Raises:
        StorageFullError: If the disk is full; what was written until then stays behind.
        ConnectoryError: As `members` does, before anything is written.
    """
    found = tuple(members(bundle, limits))
    with disk.writing(into):
        into.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        root = os.open(into, FOLDER)
        try:
            for member, content in contents(bundle, limits):
                _write(root, member.name, content)
        finally:
            os.close(root)
    return found


def read(bundle: Path, name: str, limits: Limits = LIMITS) -> bytes | None:
    """Return one file of an archive, None if it has none of that name; checks all of it.

    Raises:
        ConnectoryError: As `members` does.
    """
    found = None
    for member, content in contents(bundle, limits):
        if member.name == name:
            found = b"".join(content)
    return found


def pack(files: Mapping[str, bytes], into: BinaryIO) -> None:
    """Write a package: the same files give the same bytes, whoever packs them and when.

    Raises:
        ArchivePathError: If a name could not be read back.
        ArchiveDuplicateError: If two names are one file.
    """
    names = Names()
    with (
        gzip.GzipFile(filename="", fileobj=into, mode="wb", mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name in sorted(files):
            check_name(name)
            names.add(name, folder=False)
            header = tarfile.TarInfo(name)  # owner 0, mode 0644, time 0
            header.size = len(files[name])
            tar.addfile(header, io.BytesIO(files[name]))


def packed(files: Iterable[Source]) -> Iterator[bytes]:
    """Give the bytes of an archive of files that are too large to hold, in their order.

    Raises:
        ArchivePathError: If a name could not be read back.
        ArchiveDuplicateError: If two names are one file.
        ArchiveDamagedError: If a file has more or fewer bytes than its size says.
    """
    deflate = zlib.compressobj(wbits=GZIP_WRAPPER)
    for block in _tar(files):
        yield deflate.compress(block)
    yield deflate.flush()


def _tar(files: Iterable[Source]) -> Iterator[bytes]:
    names = Names()
    for file in files:
        check_name(file.name)
        names.add(file.name, folder=False)
        header = tarfile.TarInfo(file.name)  # owner 0, mode 0644, time 0
        header.size = file.size
        yield header.tobuf(tarfile.GNU_FORMAT)  # it has room for sizes above 8 GiB
        given = 0
        for chunk in file.chunks:
            given += len(chunk)
            yield chunk
        if given != file.size:
            raise ArchiveDamagedError(f"`{file.name}` has {given} bytes, not {file.size}")
        yield bytes(-file.size % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _checked(header: tarfile.TarInfo, about: Extension) -> str:
    """Return the name of an entry that is a plain file or folder with a good name."""
    name = about.said.get("path", header.name)
    if header.type in LINKS:
        raise ArchiveLinkError(name)
    if header.type == tarfile.GNUTYPE_SPARSE:
        raise ArchiveBombError(f"`{shown(name)}` is a sparse file")
    if header.type not in PLAIN:
        raise ArchiveSpecialFileError(name)
    if header.isdir():
        name = name.removesuffix("/")
    check_name(name)
    size = str(header.size)
    if (
        header.size < 0
        or about.said.get("size", size) != size
        or (header.isdir() and header.size)
    ):
        raise ArchiveDamagedError(f"the size of `{shown(name)}` contradicts itself")
    return name


def _dropped(header: tarfile.TarInfo, about: Extension) -> tuple[str, ...]:
    bits = tuple(word for bit, word in DROPPED_BITS.items() if header.mode & bit)
    return (*bits, "attributes") if about.has_attributes else bits


def _write(root: int, name: str, content: Iterator[bytes]) -> None:
    """Create one file, each folder opened from the one above and none through a link."""
    *folders, last = name.split("/")
    with _folder(root, folders) as parent:
        handle = os.open(last, NEW_FILE, FILE_MODE, dir_fd=parent)
        with os.fdopen(handle, "wb") as file:
            file.writelines(content)


@contextmanager
def _folder(root: int, parts: list[str]) -> Iterator[int]:
    """Open, and make where needed, the folder `parts` below the open folder `root`."""
    here = os.dup(root)
    try:
        for part in parts:
            with suppress(FileExistsError):
                os.mkdir(part, FOLDER_MODE, dir_fd=here)
            below = os.open(part, FOLDER, dir_fd=here)
            os.close(here)
            here = below
        yield here
    finally:
        os.close(here)
