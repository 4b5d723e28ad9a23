"""A copy of a SQLite database while others write to it, and what such a copy says.

`VACUUM INTO` from a connection of its own gives one consistent moment in one read transaction.
SQLite's incremental backup does not: it starts again whenever another process writes, holds the
log open for as long, and under steady writing never ends.

The queries are plain SQL, because a copy can be older than the tables of this release.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from sqlalchemy import make_url

from connectory.backends.db.migrate import HEAD, SchemaTooNewError
from connectory.gates.disk import StorageFullError
from connectory.kernel.errors import ConnectoryError, Kind

WAIT_S = 60.0  # for a lock that a writer holds
PACKAGES = """
    SELECT digest, size, EXISTS (SELECT 1 FROM package_pin WHERE digest = package.digest)
    FROM package ORDER BY digest
"""


class DatabaseUnreadableError(ConnectoryError):
    """A database file cannot be copied, or a copy is not a whole database of Connectory."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "database-unreadable"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the database cannot be read: {reason}",
            hint="look at the disk and at who owns the file; an older backup may be whole",
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """A package that the database knows: one that is pinned is needed by something."""

    digest: str
    size: int  # bytes
    is_pinned: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a whole copy says of itself."""

    revision: str
    packages: tuple[Stored, ...]


def file_of(url: str) -> Path | None:
    """Return the file behind a database URL, None for a database that is no file."""
    parsed = make_url(url)
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database
    return Path(parsed.database or "") if is_file else None


def shown(url: str) -> str:
    """Return a database URL without its password."""
    return make_url(url).render_as_string(hide_password=True)


def take(database: Path, into: Path) -> None:
    """Copy a database as it is at one moment to `into`, which must not be there yet.

    Raises:
        StorageFullError: If the disk of `into` is full.
        DatabaseUnreadableError: If the database cannot be read.
    """
    with _reading(into.parent), _open(database, "mode=rw") as db:
        db.execute("VACUUM INTO ?", [str(into)])


def inspect(copy: Path) -> Snapshot:
    """Check the whole of a copy that nobody writes to, and say what it holds.

    Raises:
        SchemaTooNewError: If a newer release has written it.
        DatabaseUnreadableError: If it is damaged, or not a database of Connectory.
    """
    with _reading(copy.parent), _open(copy, "mode=ro&immutable=1") as db:
        (state,) = db.execute("PRAGMA integrity_check(1)").fetchone()
        if state != "ok":
            raise DatabaseUnreadableError(state)
        if db.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise DatabaseUnreadableError("a row points to one that is not there")
        revision = str(db.execute("SELECT version_num FROM alembic_version").fetchone()[0])
        if revision > HEAD:
            raise SchemaTooNewError(revision)
        packages = [
            Stored(digest, size, bool(pin)) for digest, size, pin in db.execute(PACKAGES)
        ]
        return Snapshot(revision, tuple(packages))


@contextmanager
def _open(path: Path, how: str) -> Iterator[sqlite3.Connection]:
    uri = f"{path.absolute().as_uri()}?{how}"
    with closing(sqlite3.connect(uri, WAIT_S, isolation_level=None, uri=True)) as db:
        db.execute("PRAGMA trusted_schema=OFF")
        yield db


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as failure:
        if getattr(failure, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise StorageFullError(folder) from failure
        raise DatabaseUnreadableError(str(failure)) from failure
