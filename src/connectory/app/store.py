"""The table of idempotency keys, and every query on it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    Table,
    Text,
    and_,
    delete,
    or_,
    select,
    update,
)

from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime, insert_new

KEPT_FOR = timedelta(hours=24)

KEYS = Table(
    "idempotency_key",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("server", Text, nullable=False),
    Column("begun_at", UtcTime, nullable=False, index=True),
    Column("status", Integer),  # of the answer; null until there is one
    Column("headers", Text),
    Column("body", LargeBinary),  # null with a status: an answer that is not kept
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A request that came with a key, as fingerprints, and the server that it came to."""

    id: str
    digest: str
    server: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered. `body` is None when it is not to be kept."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """The request that had the key before; `answer` is None while it is being answered."""

    digest: str
    answer: Answer | None


def claim(work: Work, asked: Claim) -> Earlier | None:
    """Take a key; return None, or the request that has it.

    A key is free again after a day, and when the server that ran its request ended before the
    answer: there is one server on a database, so it is not coming any more.
    """
    is_old = KEYS.c.begun_at <= work.now - KEPT_FOR
    is_lost = and_(KEYS.c.status.is_(None), KEYS.c.server != asked.server)
    work.db.execute(delete(KEYS).where(KEYS.c.id == asked.id, or_(is_old, is_lost)))
    row = {"id": asked.id, "digest": asked.digest, "server": asked.server}
    if insert_new(work.db, KEYS, {**row, "begun_at": work.now}):
        return None
    found = work.db.execute(select(KEYS).where(KEYS.c.id == asked.id)).one_or_none()
    if found is None:  # released between the two queries: as good as just running
        return Earlier(asked.digest, None)
    if found.status is None:
        return Earlier(found.digest, None)
    return Earlier(found.digest, Answer(found.status, json.loads(found.headers), found.body))


def keep(work: Work, asked: Claim, answer: Answer) -> None:
    """Keep the answer of a request that took its key."""
    values = {
        "status": answer.status,
        "headers": json.dumps(dict(answer.headers)),
        "body": answer.body,
    }
    work.db.execute(update(KEYS).where(_is_mine(asked)).values(**values))


def release(work: Work, asked: Claim) -> None:
    """Give a key back whose request changed nothing."""
    work.db.execute(delete(KEYS).where(_is_mine(asked)))


def forget(work: Work) -> None:
    """Delete the keys that are older than a day."""
    work.db.execute(delete(KEYS).where(KEYS.c.begun_at <= work.now - KEPT_FOR))


def _is_mine(asked: Claim) -> ColumnElement[bool]:
    is_same = and_(KEYS.c.id == asked.id, KEYS.c.server == asked.server)
    return and_(is_same, KEYS.c.status.is_(None))
