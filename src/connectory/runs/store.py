"""The tables of runs and their inputs, and every query on them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Row,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from connectory.kernel.paging import Position
from connectory.runs.rules import DEAD_LETTERS, OPEN, Request, RunRow, RunState, Trigger
from connectory.work import Work
from connectory.work.leases import lease_time
from connectory.work.tables import METADATA, UtcTime, insert_new

IS_OPEN = text("state IN ('waiting', 'running', 'failed')")  # literal, for its index
HAS_KEY = text("key IS NOT NULL")

RUNS = Table(
    "run",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("instance", Text, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("key", Text),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False, index=True),
    Column("due_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("status", Integer),
    Column("answer", Text),
    Column("error", Text, nullable=False),
    Column("log_from", BigInteger),
    Column("log_to", BigInteger),
    Column("again_of", Text),
    Index("ix_run_instance_created_at", "instance", "created_at"),
    Index(
        "ix_run_open",
        "instance",
        "due_at",
        sqlite_where=IS_OPEN,
        postgresql_where=IS_OPEN,
    ),
    Index(
        "uq_run_key",
        "instance",
        "key",
        unique=True,
        sqlite_where=HAS_KEY,
        postgresql_where=HAS_KEY,
    ),
)
"""`due_at` is when a run may be taken: while it is delivered, the end of the lease."""
INPUTS = Table(
    "run_input",
    METADATA,
    Column("run", Text, ForeignKey("run.id"), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("query", Text, nullable=False),
    Column("content_type", Text, nullable=False),
)


def add(work: Work, run_id: str, wanted: Request, *, again_of: str | None = None) -> bool:
    """Insert a waiting run; return False, and do nothing, if there is one with its key."""
    row = {
        "id": run_id,
        "instance": wanted.instance,
        "trigger": wanted.trigger,
        "path": wanted.path,
        "key": wanted.key or None,
        "state": RunState.WAITING,
        "attempts": 0,
        "fence": 0,
        "created_at": work.now,
        "due_at": wanted.due or lease_time(work),
        "error": "",
        "again_of": again_of,
    }
    if not insert_new(work.db, RUNS, row):
        return False
    given = {
        "run": run_id,
        "body": wanted.body,
        "query": json.dumps(dict(wanted.query)),
        "content_type": wanted.content_type,
    }
    work.db.execute(insert(INPUTS), given)
    return True


def with_key(work: Work, instance: str, key: str) -> str:
    """Return the run of an instance that has a key."""
    query = select(RUNS.c.id).where(and_(RUNS.c.instance == instance, RUNS.c.key == key))
    return str(work.db.execute(query).scalar_one())


def open_runs(work: Work, instance: str) -> int:
    """Return how many runs of an instance have not ended."""
    query = select(func.count()).select_from(RUNS)
    found = work.db.execute(query.where(and_(RUNS.c.instance == instance, IS_OPEN)))
    return int(found.scalar_one())


def is_open(work: Work, run_id: str) -> bool:
    """Whether there is such a run and it has not ended."""
    query = select(RUNS.c.id).where(and_(RUNS.c.id == run_id, IS_OPEN))
    return work.db.execute(query).first() is not None


def delete_all(work: Work, instance: str) -> None:
    """Delete all runs of an instance, and what went in."""
    gone = RUNS.c.instance == instance
    inputs = INPUTS.c.run.in_(select(RUNS.c.id).where(gone))
    work.db.execute(delete(INPUTS).where(inputs))
    work.db.execute(delete(RUNS).where(gone))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs of an instance to list; `before` is the last one seen."""

    instance: str
    states: frozenset[RunState] = frozenset()
    trigger: str = ""
    before: Position | None = None
    limit: int = 50


def runs(work: Work, wanted: Wanted) -> list[RunRow]:
    """Return runs, newest first."""
    query = select(RUNS).where(RUNS.c.instance == wanted.instance)
    if wanted.states:
        query = query.where(RUNS.c.state.in_(sorted(wanted.states)))
    if wanted.trigger:
        query = query.where(RUNS.c.trigger == wanted.trigger)
    if wanted.before is not None:
        at, last = wanted.before
        older = and_(RUNS.c.created_at == at, RUNS.c.id < last)
        query = query.where(or_(RUNS.c.created_at < at, older))
    order = query.order_by(RUNS.c.created_at.desc(), RUNS.c.id.desc())
    return [_run(row) for row in work.db.execute(order.limit(wanted.limit))]


def run(work: Work, instance: str, run_id: str, *, lock: bool = False) -> RunRow | None:
    """Return a run of an instance; with `lock`, nobody changes it in this transaction."""
    query = select(RUNS).where(and_(RUNS.c.id == run_id, RUNS.c.instance == instance))
    row = work.db.execute(query.with_for_update() if lock else query).first()
    return _run(row) if row else None


def wanted_by(work: Work, one: RunRow) -> Request:
    """Return a run as it was asked for, to be asked for again."""
    row = work.db.execute(select(INPUTS).where(INPUTS.c.run == one.id)).one()
    return Request(
        instance=one.instance,
        trigger=one.trigger,
        path=one.path,
        body=row.body,
        query=json.loads(row.query),
        content_type=row.content_type,
    )


def reopen(work: Work, instance: str, ids: Iterable[str] | None = None) -> int:
    """Let dead letters of an instance wait again, all or some; return how many they were."""
    dead = and_(RUNS.c.instance == instance, RUNS.c.state.in_(sorted(DEAD_LETTERS)))
    which = dead if ids is None else and_(dead, RUNS.c.id.in_(list(ids)))
    again = {"state": RunState.WAITING, "attempts": 0, "due_at": lease_time(work)}
    return work.db.execute(update(RUNS).where(which).values(**again)).rowcount


def cancel(work: Work, run_id: str) -> None:
    """Call a run off for good."""
    change = update(RUNS).where(RUNS.c.id == run_id)
    work.db.execute(change.values(state=RunState.CANCELLED, ended_at=work.now))


def prune(work: Work, before: datetime, limit: int) -> int:
    """Delete some of the runs that have ended and are older; return how many they were."""
    old = and_(RUNS.c.created_at < before, RUNS.c.state.not_in(sorted(OPEN)))
    ids = list(work.db.execute(select(RUNS.c.id).where(old).limit(limit)).scalars())
    work.db.execute(delete(INPUTS).where(INPUTS.c.run.in_(ids)))
    work.db.execute(delete(RUNS).where(RUNS.c.id.in_(ids)))
    return len(ids)


def counts(
    work: Work, instances: Iterable[str], since: datetime
) -> dict[str, dict[RunState, int]]:
    """Return how many runs of each instance that were created since then are in which state."""
    query = (
        select(RUNS.c.instance, RUNS.c.state, func.count().label("number"))
        .where(and_(RUNS.c.instance.in_(list(instances)), RUNS.c.created_at >= since))
        .group_by(RUNS.c.instance, RUNS.c.state)
    )
    found: dict[str, dict[RunState, int]] = {}
    for row in work.db.execute(query):
        found.setdefault(row.instance, {})[RunState(row.state)] = row.number
    return found


def dead_letters(work: Work, instance: str) -> int:
    """Return how many dead letters an instance has."""
    dead = and_(RUNS.c.instance == instance, RUNS.c.state.in_(sorted(DEAD_LETTERS)))
    return int(work.db.execute(select(func.count()).where(dead)).scalar_one())


def _run(row: Row[tuple[object, ...]]) -> RunRow:
    known = {each.name: getattr(row, each.name) for each in fields(RunRow)}
    known |= {"trigger": Trigger(row.trigger), "state": RunState(row.state)}
    return RunRow(**known)
