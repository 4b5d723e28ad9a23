"""The only door through which zip archives of many small texts are read."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from connectory.kernel.errors import ConnectoryError, Kind

MOST_DIRECTORY = 120_000_000  # bytes of the list of entries, which is held in memory
MOST_ENTRIES = 1_000_000
MOST_BYTES = 4_000_000  # of one entry
MOST_TOTAL = 20_000_000_000  # bytes of all
END, LOCATOR_64, LOCATOR_BYTES = b"PK\x05\x06", b"PK\x06\x07", 20
TAIL = 22 + 65_535  # bytes in which the end record must be


class ZipRefusedError(ConnectoryError):
    """A zip archive is damaged, or larger than anything sensible."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "zip-refused"

    def __init__(self, name: str, fault: str) -> None:
        super().__init__(
            f"{name} cannot be taken: {fault}", hint="download it anew from where it comes from"
        )


def texts(path: Path, suffix: str) -> Iterator[tuple[bytes | None, int]]:
    """Give the entries at the top of an archive whose names end so; nothing is unpacked.

    With each comes how many bytes it takes in the archive.

    None stands for an entry that is not given: in a folder, of another name, encrypted,
    damaged or too large.

    Raises:
        ZipRefusedError: If it is no zip, or has too much in it.
    """
    try:
        if _directory_bytes(path) > MOST_DIRECTORY:
            raise ZipRefusedError(path.name, "its list of entries is too long")
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise ZipRefusedError(path.name, f"it has more than {MOST_ENTRIES:,} entries")
            if sum(entry.file_size for entry in entries) > MOST_TOTAL:
                raise ZipRefusedError(path.name, f"it unpacks to over {MOST_TOTAL:,} bytes")
            for entry in entries:
                is_named = entry.filename.endswith(suffix) and "/" not in entry.filename
                content = _text(archive, entry) if is_named else None
                yield content, entry.compress_size
    except (OSError, ValueError, struct.error, zipfile.BadZipFile) as error:
        raise ZipRefusedError(path.name, str(error) or "it is no zip archive") from None


def _text(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | None:
    if entry.file_size > MOST_BYTES:
        return None
    try:
        with archive.open(entry) as text:
            content = text.read(MOST_BYTES + 1)
    except (RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error, EOFError):
        return None
    return content if len(content) == entry.file_size else None


def _directory_bytes(path: Path) -> int:
    """Return how long the list of entries claims to be, before anything reads it."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - TAIL))
        tail = file.read(TAIL)
        at = tail.rfind(END)
        if at < 0:
            raise ZipRefusedError(path.name, "it is no zip archive")
        locator = at - LOCATOR_BYTES
        if locator < 0 or tail[locator : locator + 4] != LOCATOR_64:
            return int(struct.unpack_from("<I", tail, at + 12)[0])
        file.seek(struct.unpack_from("<Q", tail, locator + 8)[0])
        return int(struct.unpack_from("<Q", file.read(48), 40)[0])
