"""The table that leads are written to, in PostgreSQL or in a file of SQLite.

The table is made and brought up to date here. Beside it, `connectory_sync` remembers which form
each table has and up to which change of the CRM it was written.
"""

import contextlib
import sqlite3
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from typing import Any, NamedTuple
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import pg8000.dbapi

from connectory_sdk import Health, Secret, SettingsError, TryLaterError, log
from crm_to_db_sync.crm import Lead

TIMEOUT_S = 10
LATER_S = 60  # until a person may have repaired what is wrong
PORT = 5432
TURN = 7_301_467_122  # number of the lock that syncs of one PostgreSQL database take
TROUBLE = (sqlite3.Error, pg8000.dbapi.Error, OSError)

STATE = """\
CREATE TABLE IF NOT EXISTS connectory_sync (
  name TEXT PRIMARY KEY, form INTEGER NOT NULL, mark TEXT NOT NULL
)"""
FORMS = (
    """\
CREATE TABLE {table} (
  id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL,
  company TEXT NOT NULL, created_at TIMESTAMPTZ NOT NULL
)""",
    "ALTER TABLE {table} ADD COLUMN updated_at TIMESTAMPTZ",
    "CREATE INDEX {table}_updated_at ON {table} (updated_at)",
)
"""Each brings the table one form further; never changed, only added to."""
UPSERT = """\
INSERT INTO {table} (id, name, email, company, created_at, updated_at)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
  name = excluded.name, email = excluded.email, company = excluded.company,
  created_at = excluded.created_at, updated_at = excluded.updated_at
WHERE {table}.updated_at IS NULL OR excluded.updated_at >= {table}.updated_at"""

pg8000.dbapi.paramstyle = "qmark"  # as SQLite has it


class Kind(NamedTuple):
    """How a database is opened, and how a transaction that excludes others begins."""

    connect: Any
    begin: tuple[str, ...]


class Database:
    """One table of a database; `table` has been checked to be a plain name."""

    def __init__(self, url: Secret, table: str, health: Health) -> None:
        """Look at the address; nothing is opened yet.

        Raises:
            SettingsError: If it is of no kind that is known.
        """
        parts = urlsplit(url.reveal())
        if parts.scheme not in KINDS:
            raise SettingsError("database_url starts with postgresql:// or sqlite:///")
        self._parts = parts
        self._kind = KINDS[parts.scheme]
        self._table = table
        self._health = health

    def prepare(self) -> None:
        """Make the table, or bring an older form of it up to date, in one transaction.

        Raises:
            TryLaterError: If the database does not let us; health says why.
        """
        with self._transaction() as cursor:
            cursor.execute(STATE)
            cursor.execute("SELECT form FROM connectory_sync WHERE name = ?", (self._table,))
            row = cursor.fetchone()
            form = int(row[0]) if row else 0
            for step in FORMS[form:]:
                cursor.execute(step.format(table=self._table))
            if row is None:
                made = (self._table, len(FORMS))
                cursor.execute("INSERT INTO connectory_sync VALUES (?, ?, '')", made)
            elif form < len(FORMS):
                now = (len(FORMS), self._table)
                cursor.execute("UPDATE connectory_sync SET form = ? WHERE name = ?", now)
        if form < len(FORMS):
            log.info("brought the table up to date", table=self._table, form=len(FORMS))

    def mark(self) -> str:
        """Return the time of the last change that was written; empty before the first one."""
        with self._transaction() as cursor:
            cursor.execute("SELECT mark FROM connectory_sync WHERE name = ?", (self._table,))
            return str(cursor.fetchone()[0])

    def forget_mark(self) -> None:
        """Let the next run read everything again."""
        with self._transaction() as cursor:
            cursor.execute(
                "UPDATE connectory_sync SET mark = '' WHERE name = ?", (self._table,)
            )

    def write(self, leads: Sequence[Lead], mark: str) -> None:
        """Write leads and the mark that they lead to, all or nothing.

        A lead that is there is replaced, unless what is there is newer.
        """
        upsert = UPSERT.format(table=self._table)
        with self._transaction() as cursor:
            cursor.executemany(upsert, [astuple(lead) for lead in leads])
            cursor.execute(
                "UPDATE connectory_sync SET mark = ? WHERE name = ?", (mark, self._table)
            )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Any]:
        """Open the database for one transaction: committed at the end, undone on an error."""
        try:
            with contextlib.closing(self._kind.connect(self._parts)) as connection:
                cursor = connection.cursor()
                for statement in self._kind.begin:
                    cursor.execute(statement)
                yield cursor
                cursor.execute("COMMIT")
        except TROUBLE as error:
            said = f"the database says: {_reason(error)}"
            self._health.fail("database", f"{said}; check the secret database_url")
            raise TryLaterError(said, after_s=LATER_S) from None
        self._health.clear("database")


def _postgresql(parts: SplitResult) -> Any:  # noqa: ANN401  two drivers, one shape
    wants_tls = parse_qs(parts.query).get("sslmode", ["verify-full"])[0] != "disable"
    connection = pg8000.dbapi.connect(
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=parts.hostname or "",
        port=parts.port or PORT,
        database=unquote(parts.path.lstrip("/")),
        timeout=TIMEOUT_S,
        ssl_context=ssl.create_default_context() if wants_tls else None,
        application_name="crm-to-db-sync",
    )
    connection.autocommit = True  # transactions begin and end here, the same way for both
    return connection


def _sqlite(parts: SplitResult) -> Any:  # noqa: ANN401  two drivers, one shape
    file = unquote(parts.path).removeprefix("/")
    return sqlite3.connect(file, timeout=TIMEOUT_S, isolation_level=None)


KINDS = {
    "postgresql": Kind(_postgresql, ("BEGIN", f"SELECT pg_advisory_xact_lock({TURN})")),
    "sqlite": Kind(_sqlite, ("BEGIN IMMEDIATE",)),
}


def _reason(error: Exception) -> str:
    """Return the sentence of an error; PostgreSQL's have it under `M`, beside much else."""
    told = error.args[0] if error.args else error
    return str(told["M"] if isinstance(told, dict) and "M" in told else told)
