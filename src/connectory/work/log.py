"""The event log: audit trail, change feed and source of every count.

A change writes its event row in its own transaction and touches no shared head, so writers
never wait for each other. One sealer then gives rows their `position` and chains them
(`connectory.work.seal`); followers read sealed rows only.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    Select,
    Table,
    Text,
    insert,
    select,
    text,
)

from connectory.kernel import clock
from connectory.kernel.digest import canonical_json, digest_of
from connectory.kernel.ids import new_id
from connectory.work.tables import METADATA, UtcTime

EVENTS = Table(
    "event",
    METADATA,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("facts", Text, nullable=False),
    Column("position", BigInteger, unique=True),
    Column("chain", Text),
    Index("ix_event_team_position", "team", "position"),
    Index(
        "ix_event_unsealed",
        "seq",
        sqlite_where=text("position IS NULL"),
        postgresql_where=text("position IS NULL"),
    ),
)

APPENDING = insert(EVENTS)


@dataclass(frozen=True, slots=True)
class Row:
    """One event as it is written and read. `facts` are the event's own plain values."""

    kind: str
    subject: str
    team: str
    actor: str
    via: str
    request: str
    at: datetime
    facts: dict[str, object]
    id: str = field(default_factory=lambda: new_id("evt"))
    position: int | None = None  # from 1, without gaps; None until sealed
    chain: str | None = None

    def content(self) -> str:
        """Return what the chain covers: everything but the position and the chain itself."""
        return canonical_json(
            [
                self.id,
                self.kind,
                self.subject,
                self.team,
                self.actor,
                self.via,
                self.request,
                clock.rfc3339(self.at),
                self.facts,
            ]
        )

    def chained_to(self, before: str, position: int) -> str:
        """Return this row's link in the chain that ends with `before`."""
        return digest_of(f"{before}\n{position}\n{self.content()}".encode())


def append(db: Connection, added: Sequence[Row]) -> None:
    """Insert unsealed rows, in order."""
    values = [
        {
            "id": row.id,
            "kind": row.kind,
            "subject": row.subject,
            "team": row.team,
            "actor": row.actor,
            "via": row.via,
            "request": row.request,
            "at": row.at,
            "facts": canonical_json(row.facts),
        }
        for row in added
    ]
    if values:
        db.execute(APPENDING, values)


def sealed_after(
    db: Connection, position: int, limit: int, *, team: str = "", kinds: Collection[str] = ()
) -> list[Row]:
    """Return up to `limit` sealed rows behind `position`, in order.

    Those of one team, or of some kinds, if that is asked.
    """
    wanted = select(EVENTS).where(EVENTS.c.position > position)
    if team:
        wanted = wanted.where(EVENTS.c.team == team)
    if kinds:
        wanted = wanted.where(EVENTS.c.kind.in_(kinds))
    return list(rows(db, wanted.order_by(EVENTS.c.position).limit(limit)))


def latest(
    db: Connection,
    limit: int,
    *,
    team: str,
    subject: str = "",
    kind: str = "",
    before: int | None = None,
) -> list[Row]:
    """Return the last `limit` sealed rows of a team, newest first.

    Those about a subject, those of one kind, or those in front of a position, if that is asked.
    """
    wanted = select(EVENTS).where(EVENTS.c.team == team, EVENTS.c.position.is_not(None))
    if subject:
        wanted = wanted.where(EVENTS.c.subject == subject)
    if kind:
        wanted = wanted.where(EVENTS.c.kind == kind)
    if before is not None:
        wanted = wanted.where(EVENTS.c.position < before)
    return list(rows(db, wanted.order_by(EVENTS.c.position.desc()).limit(limit)))


def rows(db: Connection, query: Select[tuple[object, ...]]) -> Iterator[Row]:
    """Run a query over whole rows of `EVENTS`."""
    for found in db.execute(query).mappings():
        yield Row(
            kind=found["kind"],
            subject=found["subject"],
            team=found["team"],
            actor=found["actor"],
            via=found["via"],
            request=found["request"],
            at=found["at"],
            facts=json.loads(found["facts"]),
            id=found["id"],
            position=found["position"],
            chain=found["chain"],
        )
