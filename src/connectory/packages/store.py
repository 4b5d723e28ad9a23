"""The packages' tables and every query on them.

Whoever pins or deletes a package locks its row first. SQLite has one writer and ignores the
lock; on PostgreSQL it keeps a pin from appearing between a look at the pins and a deletion.
"""

import dataclasses
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey, Row, Table, Text, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from connectory.packages.rules import Package, Pin
from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime

PACKAGES = Table(
    "package",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("stored_at", UtcTime, nullable=False, index=True),
)
PINS = Table(
    "package_pin",
    METADATA,
    Column("digest", Text, ForeignKey("package.digest"), primary_key=True),
    Column("holder_kind", Text, primary_key=True),
    Column("holder", Text, primary_key=True),
    Column("reason", Text, nullable=False),
)


def keep(work: Work, package: Package) -> bool:
    """Insert a package, or renew the time of one that is there; return whether it is new."""
    is_new = not find(work, [package.digest])
    _upsert(work, PACKAGES, dataclasses.asdict(package), renewed="stored_at")
    return is_new


def find(work: Work, digests: Collection[str]) -> dict[str, Package]:
    """Return those of the packages that exist, by digest."""
    wanted = select(PACKAGES).where(PACKAGES.c.digest.in_(digests))
    return {row.digest: _package(row) for row in work.db.execute(wanted)}


def lock(work: Work, digest: str) -> Package | None:
    """Return a package, and let nobody else pin, renew or delete it in this transaction."""
    wanted = select(PACKAGES).where(PACKAGES.c.digest == digest).with_for_update()
    row = work.db.execute(wanted).first()
    return None if row is None else _package(row)


def remove(work: Work, digest: str) -> None:
    """Delete the row of a package without pins."""
    work.db.execute(delete(PACKAGES).where(PACKAGES.c.digest == digest))


def add_pin(work: Work, digest: str, pin: Pin) -> None:
    """Insert a pin, or give one that is there its new reason."""
    row = {"digest": digest, **dataclasses.asdict(pin)}
    _upsert(work, PINS, row, renewed="reason")


def remove_pin(work: Work, digest: str, holder_kind: str, holder: str) -> None:
    """Delete a pin if it is there."""
    work.db.execute(
        delete(PINS).where(
            PINS.c.digest == digest,
            PINS.c.holder_kind == holder_kind,
            PINS.c.holder == holder,
        )
    )


def pins(work: Work, digests: Collection[str]) -> dict[str, tuple[Pin, ...]]:
    """Return the pins of each of the packages, in the order of holders; none is empty."""
    wanted = select(PINS).where(PINS.c.digest.in_(digests))
    found: dict[str, list[Pin]] = {digest: [] for digest in digests}
    for row in work.db.execute(wanted.order_by(PINS.c.holder_kind, PINS.c.holder)):
        found[row.digest].append(Pin(row.holder_kind, row.holder, row.reason))
    return {digest: tuple(held) for digest, held in found.items()}


def unpinned_before(work: Work, moment: datetime, limit: int) -> list[str]:
    """Return up to `limit` digests without pins that were stored before, in their order."""
    is_pinned = select(PINS.c.digest).where(PINS.c.digest == PACKAGES.c.digest).exists()
    old = select(PACKAGES.c.digest).where(PACKAGES.c.stored_at < moment, ~is_pinned)
    return list(work.db.execute(old.order_by(PACKAGES.c.digest).limit(limit)).scalars())


def _upsert(work: Work, table: Table, row: Mapping[str, object], renewed: str) -> None:
    """Insert a row; where its key is there, only write the column `renewed`."""
    dialect = postgresql if work.db.dialect.name == "postgresql" else sqlite
    insertion = dialect.insert(table).values(**row)
    keys = [column.name for column in table.primary_key]
    work.db.execute(
        insertion.on_conflict_do_update(index_elements=keys, set_={renewed: row[renewed]})
    )


def _package(row: Row[tuple[object, ...]]) -> Package:
    return Package(row.digest, row.size, row.media_type, row.kind, row.stored_at)
