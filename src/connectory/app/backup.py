"""Back up a marketplace while it is serving, and bring one back from a backup.

Only a data directory is needed, no server. The database is copied first and then the blobs it
refers to. Each of them is there, because blobs never change and none is deleted meanwhile.
Index, environments and instances are left out, because a server makes them again.
"""

import dataclasses
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from connectory import __version__, wiring
from connectory.app import backup_file, blob_hold
from connectory.app.backup_file import (
    BLOBS,
    DATABASE,
    KEYS,
    BackupDamagedError,
    Entry,
    Listing,
    Part,
    chunks_of,
    digest_of_file,
)
from connectory.backends.blobs import Blobs
from connectory.backends.db import open_engine, snapshot
from connectory.gates import disk
from connectory.kernel.digest import digest_of
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.settings import Settings

PRIVATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class BackupDatabaseError(ConnectoryError):
    """The database is not a file in the data directory, so that this backup cannot have it."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "backup-database"

    def __init__(self, url: str, data: Path) -> None:
        super().__init__(
            f"the database {url} is no file in {data}",
            hint=f"copy it first with `pg_dump`, then copy {data / 'blobs'}, and copy "
            f"{data / 'keys'} to another place",
        )


class BackupPlaceError(ConnectoryError):
    """A file or directory of a backup cannot be read or written."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "backup-place"

    def __init__(self, place: Path | str, reason: str) -> None:
        super().__init__(
            f"{place}: {reason}",
            hint="run the command as the account of the server, or name another place",
        )


class DataNotEmptyError(ConnectoryError):
    """A backup is to be restored where something is already."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "data-not-empty"

    def __init__(self, data: Path) -> None:
        super().__init__(
            f"{data} is not an empty directory",
            hint="name a directory that is empty or not there yet, with --data",
        )


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was written or read to its end."""

    file: Path
    size: int  # bytes
    listing: Listing


def create(settings: Settings, to: Path, *, with_keys: bool) -> Backup:
    """Write a backup of the data directory to a new file; servers may go on writing.

    Raises:
        BackupDatabaseError: If the database is elsewhere, in PostgreSQL for example.
        BackupPlaceError: If something cannot be read or written, or `to` is there already.
        StorageFullError: If there is no space; nothing is left behind.
        BlobMissingError, BlobCorruptError: If the blob store is damaged.
        DatabaseUnreadableError: If the database is.
    """
    database = _database(settings)
    if not database.is_file():
        raise BackupPlaceError(settings.data, "there is no marketplace in it")
    if to.exists():
        raise BackupPlaceError(to, "there is a file already")
    with _reporting(to.parent):
        to.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=to.parent) as scratch:
            copy = Path(scratch) / DATABASE
            with blob_hold.keeping_all(settings.data), _blobs(settings) as blobs:
                snapshot.take(database, copy)
                found = snapshot.inspect(copy)
                parts = [_database_part(copy), *_blob_parts(blobs, found.packages)]
                parts += _key_parts(settings.data / KEYS) if with_keys else []
                listing = backup_file.write(to, __version__, found.revision, parts)
        return Backup(to, to.stat().st_size, listing)


def verify(file: Path) -> Backup:
    """Read a backup to its end, check everything in it, and keep nothing.

    Raises:
        BackupForeignError, BackupDamagedError, SchemaTooNewError: If it could not be restored.
        DatabaseUnreadableError: If the database in it is damaged.
    """
    with _reporting(file), tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch) / DATABASE

        def keep(entry: Entry, chunks: Iterator[bytes]) -> None:
            if entry.name == DATABASE:
                _write_private(database, chunks)
                return
            for _ in chunks:
                pass

        listing = backup_file.read(file, keep)
        _check(file, listing, database)
        return Backup(file, file.stat().st_size, listing)


def restore(file: Path, settings: Settings) -> Backup:
    """Make the data directory from a backup: all of it, or none if anything is wrong.

    Raises:
        DataNotEmptyError: If there is something in the directory.
        BackupForeignError, BackupDamagedError, SchemaTooNewError: As `verify` does.
        BackupDatabaseError, BackupPlaceError, StorageFullError, DatabaseUnreadableError: As
            `create` does.
    """
    data = settings.data.absolute()
    _database(settings)
    with _reporting(data.parent):
        if data.exists() and (not data.is_dir() or any(data.iterdir())):
            raise DataNotEmptyError(data)
        if data.is_mount():
            raise BackupPlaceError(data, "it is a mount point; name a directory inside it")
        data.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=data.parent) as scratch:
            aside = Path(scratch) / "data"
            listing = _fill(aside, file, settings)
            aside.rename(data)  # takes the place of an empty directory, and of nothing else
            disk.sync_folder(data.parent)
    return Backup(file, file.stat().st_size, listing)


def _fill(aside: Path, file: Path, settings: Settings) -> Listing:
    aside.mkdir(mode=0o700)
    (aside / KEYS).mkdir(mode=0o700)
    with _blobs(dataclasses.replace(settings, data=aside)) as blobs:

        def keep(entry: Entry, chunks: Iterator[bytes]) -> None:
            if entry.name.startswith(BLOBS):
                blobs.put(chunks)
            else:
                _write_private(aside / entry.name, chunks)

        listing = backup_file.read(file, keep)
    _check(file, listing, aside / DATABASE)
    for folder in (aside / KEYS, aside):
        disk.sync_folder(folder)
    return listing


def _check(file: Path, listing: Listing, database: Path) -> None:
    """Compare a backup with what the database in it needs."""
    found = snapshot.inspect(database)
    if found.revision != listing.revision:
        raise BackupDamagedError(file, "the list names another revision than the database has")
    needed = {package.digest for package in found.packages if package.is_pinned}
    if missing := sorted(needed - listing.blobs):
        raise BackupDamagedError(file, f"{missing[0]}, which the database needs, is not in it")


def _database(settings: Settings) -> Path:
    file = snapshot.file_of(settings.database_url)
    inside = settings.data / DATABASE
    if file is None or file.absolute() != inside.absolute():
        raise BackupDatabaseError(snapshot.shown(settings.database_url), settings.data)
    return inside


@contextmanager
def _blobs(settings: Settings) -> Iterator[Blobs]:
    engine = open_engine(settings.database_url)  # connects only if the blob store asks for it
    try:
        yield wiring.open_blobs(settings, engine)
    finally:
        engine.dispose()


def _database_part(copy: Path) -> Part:
    entry = Entry(name=DATABASE, size=copy.stat().st_size, digest=digest_of_file(copy))
    return Part(entry, chunks_of(copy))


def _blob_parts(blobs: Blobs, packages: Iterable[snapshot.Stored]) -> Iterator[Part]:
    for package in packages:
        # one that nothing pins may still be on its way into the store
        if package.is_pinned or blobs.has(package.digest):
            name = backup_file.blob_name(package.digest)
            entry = Entry(name=name, size=package.size, digest=package.digest)
            yield Part(entry, _blob_chunks(blobs, package.digest))


def _blob_chunks(blobs: Blobs, digest: str) -> Iterator[bytes]:
    with blobs.open(digest) as chunks:
        yield from chunks


def _key_parts(folder: Path) -> list[Part]:
    parts = []
    for path in sorted(folder.iterdir()):
        raw = path.read_bytes()
        entry = Entry(name=KEYS + path.name, size=len(raw), digest=digest_of(raw))
        parts.append(Part(entry, [raw]))
    return parts


def _write_private(path: Path, chunks: Iterator[bytes]) -> None:
    with os.fdopen(os.open(path, PRIVATE, 0o600), "wb") as file:
        file.writelines(chunks)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _reporting(place: Path) -> Iterator[None]:
    """Say in one line what the operating system refuses."""
    try:
        with disk.writing(place):
            yield
    except OSError as failure:
        reason = failure.strerror or "cannot be used"
        raise BackupPlaceError(str(failure.filename or place), reason) from failure
