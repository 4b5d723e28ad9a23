"""The table of signed statements and every query on it."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Integer, Table, Text, bindparam, func, insert, select

from connectory.work import Work
from connectory.work.tables import METADATA

ATTESTATIONS = Table(
    "attestation",
    METADATA,
    Column("label", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("event", Text, nullable=False, unique=True),
    Column("bundle", Text, nullable=False),
)


COUNTS = (
    select(ATTESTATIONS.c.label, func.count().label("number"))
    .where(ATTESTATIONS.c.label.in_(bindparam("labels", expanding=True)))
    .group_by(ATTESTATIONS.c.label)
)
NEW = insert(ATTESTATIONS)


@dataclass(frozen=True, slots=True)
class Attestation:
    """A signed statement, the next about a version; `event` is what it was made of."""

    label: str
    number: int
    event: str
    bundle: dict[str, object]


def counts(work: Work, labels: Collection[str]) -> dict[str, int]:
    """Return how many statements there are about each of some versions."""
    found = work.db.execute(COUNTS, {"labels": sorted(labels)}) if labels else ()
    return dict.fromkeys(labels, 0) | {row.label: row.number for row in found}


def add(work: Work, made: Sequence[Attestation]) -> None:
    """Keep signed statements."""
    rows = [
        {
            "label": one.label,
            "number": one.number,
            "event": one.event,
            "bundle": json.dumps(one.bundle),
        }
        for one in made
    ]
    if rows:
        work.db.execute(NEW, rows)


def bundles(work: Work, label: str) -> list[dict[str, object]]:
    """Return the signed statements about a version, in order."""
    query = select(ATTESTATIONS.c.bundle).where(ATTESTATIONS.c.label == label)
    return [json.loads(one) for one in work.db.scalars(query.order_by(ATTESTATIONS.c.number))]
