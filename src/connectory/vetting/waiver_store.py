"""The table of waivers and every query on it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Table, Text, delete, insert, select

from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime

WAIVERS = Table(
    "waiver",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("connector", Text, nullable=False),
    Column("check_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)
EVERY = "*"  # in place of a connector: all of them


@dataclass(frozen=True, slots=True)
class Waiver:
    """A check that need not pass for a while; `connector` is `ns/id`, or `*` for all."""

    id: str
    connector: str
    check_id: str
    reason: str
    made_by: str
    made_at: datetime
    expires_at: datetime


def add(work: Work, waiver: Waiver) -> None:
    """Keep a waiver."""
    values = {name: getattr(waiver, name) for name in Waiver.__slots__}
    work.db.execute(insert(WAIVERS).values(**values))


def remove(work: Work, waiver: str) -> None:
    """Delete a waiver."""
    work.db.execute(delete(WAIVERS).where(WAIVERS.c.id == waiver))


def all_waivers(work: Work) -> list[Waiver]:
    """Return every waiver, also those that have expired; the next to expire first."""
    rows = work.db.execute(select(WAIVERS).order_by(WAIVERS.c.expires_at, WAIVERS.c.id))
    return [Waiver(**row._asdict()) for row in rows]


def in_force(work: Work, connector: str) -> list[Waiver]:
    """Return the waivers that hold for a connector now."""
    names = WAIVERS.c.connector.in_([connector, EVERY])
    query = select(WAIVERS).where(names, WAIVERS.c.expires_at > work.now)
    return [Waiver(**row._asdict()) for row in work.db.execute(query)]
