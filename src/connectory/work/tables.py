"""What the tables of all slices share: metadata, times that keep their zone, safe inserts."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache

from sqlalchemy import Connection, DateTime, Dialect, Executable, MetaData, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeDecorator

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """An aware time. SQLite drops the zone, so every value is turned to UTC and back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware time to UTC; a naive one is a bug."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002  as inherited
    ) -> datetime | None:
        """Give the time its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def insert_new(db: Connection, table: Table, values: Mapping[str, object]) -> bool:
    """Insert a row unless one of its keys is taken; return whether it was inserted."""
    return bool(insert_missing(db, table, [values]))


def insert_missing(
    db: Connection, table: Table, rows: Sequence[Mapping[str, object]]
) -> set[tuple[object, ...]]:
    """Insert the rows of which no key is taken, also not by one before; return their keys.

    Of two transactions that insert the same key, the later one waits for the first: a look
    before the insert cannot see a row that is not committed.
    """
    if not rows:
        return set()
    return {tuple(row) for row in db.execute(_addition(db.dialect.name, table), rows)}


def put_row(db: Connection, table: Table, values: Mapping[str, object]) -> None:
    """Insert a row, or give the row with its primary key these values."""
    keys = [column.name for column in table.primary_key]
    added = _insertion(db.dialect.name, table)
    others = {name: added.excluded[name] for name in values if name not in keys}
    db.execute(added.on_conflict_do_update(index_elements=keys, set_=others), values)


@cache
def _addition(dialect: str, table: Table) -> Executable:
    """Return an insertion of what is missing; to put it together costs more than to run it."""
    added = _insertion(dialect, table).on_conflict_do_nothing()
    return added.returning(*table.primary_key)


def _insertion(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an insertion without values; they are given where it is executed."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
