"""The tables of trusted publishers, and every query on them."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Column, Row, Table, Text, delete, select

from connectory.publishing.publisher_rules import Host, Publisher
from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime, insert_new

PUBLISHERS = Table(
    "publisher",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("namespace", Text, nullable=False, index=True),
    Column("host", Text, nullable=False),
    Column("issuer", Text, nullable=False, index=True),
    Column("repository", Text, nullable=False),
    Column("workflow", Text, nullable=False),
    Column("branch", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("added_at", UtcTime, nullable=False),
)
EXCHANGED = Table(
    "publisher_exchange",
    METADATA,
    Column("issuer", Text, primary_key=True),
    Column("jti", Text, primary_key=True),
    Column("until", UtcTime, nullable=False, index=True),
)


def add(work: Work, publisher: Publisher) -> bool:
    """Keep a publisher; False if the name is taken."""
    return insert_new(work.db, PUBLISHERS, asdict(publisher))


def remove(work: Work, name: str) -> None:
    """Forget a publisher."""
    work.db.execute(delete(PUBLISHERS).where(PUBLISHERS.c.name == name))


def of_namespace(work: Work, namespace: str) -> list[Publisher]:
    """Return the publishers of a namespace, by name."""
    query = select(PUBLISHERS).where(PUBLISHERS.c.namespace == namespace)
    return [_publisher(row) for row in work.db.execute(query.order_by(PUBLISHERS.c.name))]


def of_issuer(work: Work, issuer: str) -> list[Publisher]:
    """Return the publishers whose jobs an issuer vouches for, by name."""
    query = select(PUBLISHERS).where(PUBLISHERS.c.issuer == issuer)
    return [_publisher(row) for row in work.db.execute(query.order_by(PUBLISHERS.c.name))]


def take(work: Work, issuer: str, jti: str, until: datetime) -> bool:
    """Note that a token was exchanged; False if it was before. Expired ones are forgotten."""
    work.db.execute(delete(EXCHANGED).where(EXCHANGED.c.until < work.now))
    row = {"issuer": issuer, "jti": jti, "until": until}
    return insert_new(work.db, EXCHANGED, row)


def _publisher(row: Row[tuple[object, ...]]) -> Publisher:
    known = row._asdict()
    known["host"] = Host(row.host)
    return Publisher(**known)
