"""The table of curated sets, and every query on it."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Column, Integer, Row, Table, Text, delete, select, update

from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime, insert_new

SETS = Table(
    "curated_set",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("members", Text, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("changed_by", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Member:
    """A connector of a set. `title` stands for its name on the card, where there is one."""

    connector: str  # `ns/id`
    title: str = ""


@dataclass(frozen=True, slots=True)
class CuratedSet:
    """Connectors that an admin put together, in their order."""

    id: str
    title: str
    why: str
    position: int  # among all sets, from 1
    revision: int  # counts the changes of its content
    members: tuple[Member, ...]
    changed_at: datetime
    changed_by: str


def sets(work: Work, *, lock: bool = False) -> list[CuratedSet]:
    """Return all sets in their order; with `lock`, nobody else changes one meanwhile."""
    query = select(SETS).order_by(SETS.c.position, SETS.c.id)
    return [_set(row) for row in work.db.execute(query.with_for_update() if lock else query)]


def add(work: Work, new: CuratedSet) -> bool:
    """Insert a set unless there is one of its id; return whether it was inserted."""
    return insert_new(work.db, SETS, {"id": new.id, **_columns(new)})


def change(work: Work, changed: CuratedSet) -> None:
    """Replace the content of a set."""
    same = update(SETS).where(SETS.c.id == changed.id)
    work.db.execute(same.values(**_columns(changed)))


def place(work: Work, ids: Iterable[str]) -> None:
    """Give sets their places in this order."""
    for position, set_id in enumerate(ids, 1):
        work.db.execute(update(SETS).where(SETS.c.id == set_id).values(position=position))


def remove(work: Work, set_id: str) -> None:
    """Delete a set."""
    work.db.execute(delete(SETS).where(SETS.c.id == set_id))


def _columns(one: CuratedSet) -> dict[str, object]:
    return {
        "title": one.title,
        "why": one.why,
        "position": one.position,
        "revision": one.revision,
        "members": json.dumps([asdict(member) for member in one.members]),
        "changed_at": one.changed_at,
        "changed_by": one.changed_by,
    }


def _set(row: Row[tuple[object, ...]]) -> CuratedSet:
    return CuratedSet(
        id=row.id,
        title=row.title,
        why=row.why,
        position=row.position,
        revision=row.revision,
        members=tuple(Member(**member) for member in json.loads(row.members)),
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )
