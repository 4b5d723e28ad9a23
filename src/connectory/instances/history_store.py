"""The table of what instances ran, and every query on it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Integer, Table, Text, select

from connectory.instances.rules import Setup
from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime, put_row

SETUPS = Table(
    "instance_setup",
    METADATA,
    Column("instance", Text, primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("setup", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Past:
    """What an instance ran from some moment on, and the kind of operation that led to it."""

    generation: int
    kind: str
    setup: Setup
    by: str
    at: datetime


def add(work: Work, instance_id: str, past: Past) -> None:
    """Remember what a generation of an instance ran."""
    row = {
        "instance": instance_id,
        "generation": past.generation,
        "kind": past.kind,
        "setup": past.setup.as_text(),
        "by": past.by,
        "at": past.at,
    }
    put_row(work.db, SETUPS, row)


def of(work: Work, instance_id: str, *, limit: int) -> list[Past]:
    """Return what an instance ran, newest first."""
    query = select(SETUPS).where(SETUPS.c.instance == instance_id)
    newest_first = query.order_by(SETUPS.c.generation.desc()).limit(limit)
    return [
        Past(row.generation, row.kind, Setup.from_text(row.setup), row.by, row.at)
        for row in work.db.execute(newest_first)
    ]
