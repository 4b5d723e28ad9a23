"""The database: SQLite on one machine, PostgreSQL in an organisation, one code for both.

SQLite runs with a write-ahead log and `synchronous=FULL`, because anything less lost
acknowledged commits in power-loss replays. A writer begins with BEGIN IMMEDIATE: upgrading a
read transaction fails at once under concurrency, whatever the busy timeout. PostgreSQL runs at
READ COMMITTED, so code that reads before it writes must lock (`with_for_update`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from connectory.kernel.errors import ConnectoryError, Kind

BUSY_MS = 10_000
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    f"busy_timeout={BUSY_MS}",
    "foreign_keys=ON",
)
POOL = 20
SERVER_LOCK = 7_600_002  # PostgreSQL advisory lock of the running server
OVERFLOW = 30


class DatabaseDriverError(ConnectoryError):
    """The database URL names a kind of database whose driver is not installed."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "database-driver"

    def __init__(self, driver: str) -> None:
        super().__init__(
            f"no driver for database `{driver}` is installed",
            hint="use sqlite, or install `connectory[postgres]` and use postgresql+psycopg",
            field="database",
        )


class DatabaseInUseError(ConnectoryError):
    """Another server works on the same PostgreSQL database."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "database-in-use"

    def __init__(self) -> None:
        super().__init__(
            "another server works on this database",
            hint="stop it first: instances, packages and keys are on one machine so far",
        )


@contextmanager
def only_server(engine: Engine) -> Iterator[None]:
    """Be the one server of a PostgreSQL database; the lock ends with the connection.

    A SQLite file is held by the lock on its data directory.

    Raises:
        DatabaseInUseError: If another server is.
    """
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as held:
        if not held.execute(select(func.pg_try_advisory_lock(SERVER_LOCK))).scalar_one():
            raise DatabaseInUseError
        yield


def open_engine(url: str) -> Engine:
    """Return an engine for `url`; connects lazily.

    Raises:
        DatabaseDriverError: If the driver of the URL is not installed.
    """
    driver = make_url(url).drivername
    try:
        engine = create_engine(url, pool_size=POOL, max_overflow=OVERFLOW)
    except (ModuleNotFoundError, NoSuchModuleError):
        raise DatabaseDriverError(driver) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgresql)
    return engine


def _set_up_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("read_only", False):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
