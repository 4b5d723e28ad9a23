"""The table of signed statements and every query on it."""

import json

from sqlalchemy import Column, Integer, Table, Text, func, insert, select

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


def count(work: Work, label: str) -> int:
    """Return how many statements there are about a version."""
    query = select(func.count()).where(ATTESTATIONS.c.label == label)
    return work.db.execute(query).scalar_one()


def add(work: Work, label: str, number: int, event: str, bundle: dict[str, object]) -> None:
    """Keep a signed statement; `event` is what it was made of."""
    row = {"label": label, "number": number, "event": event, "bundle": json.dumps(bundle)}
    work.db.execute(insert(ATTESTATIONS).values(**row))


def bundles(work: Work, label: str) -> list[dict[str, object]]:
    """Return the signed statements about a version, in order."""
    query = select(ATTESTATIONS.c.bundle).where(ATTESTATIONS.c.label == label)
    return [json.loads(one) for one in work.db.scalars(query.order_by(ATTESTATIONS.c.number))]
