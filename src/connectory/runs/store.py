"""The tables of runs and their inputs, and every query on them."""

import json
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Update,
    and_,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from connectory.kernel.texts import storable
from connectory.runs.rules import Held, Outcome, Request, RunState, Taking, Trigger
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
    work.db.execute(insert(INPUTS).values(**given))
    return True


def with_key(work: Work, instance: str, key: str) -> str:
    """Return the run of an instance that has a key."""
    query = select(RUNS.c.id).where(and_(RUNS.c.instance == instance, RUNS.c.key == key))
    return str(work.db.execute(query).scalar_one())


def wanting(work: Work) -> list[str]:
    """Return the instances that have a run to deliver now, in order.

    It looks up one after the other in an index, so that a long line of one costs nothing.
    """
    due = and_(IS_OPEN, RUNS.c.due_at <= lease_time(work))
    first = select(func.min(RUNS.c.instance).label("instance")).where(due)
    found = first.cte("wanting", recursive=True)
    following = (
        select(func.min(RUNS.c.instance))
        .where(and_(due, RUNS.c.instance > found.c.instance))
        .correlate(found)
        .scalar_subquery()
    )
    each = found.union_all(select(following).where(found.c.instance.is_not(None)))
    query = select(each.c.instance).where(each.c.instance.is_not(None))
    return [row.instance for row in work.db.execute(query)]


def busy(work: Work) -> dict[str, int]:
    """Return how many runs of each instance are being delivered; absent means none."""
    query = (
        select(RUNS.c.instance, func.count().label("number"))
        .where(and_(IS_OPEN, RUNS.c.state == RunState.RUNNING))
        .where(RUNS.c.due_at > lease_time(work))
        .group_by(RUNS.c.instance)
    )
    return {row.instance: row.number for row in work.db.execute(query)}


def take(work: Work, taking: Taking, number: int, lease: timedelta) -> list[Held]:
    """Take the runs of an instance that are due for longest, and raise their fence."""
    now = lease_time(work)
    due = and_(RUNS.c.instance == taking.instance.id, IS_OPEN, RUNS.c.due_at <= now)
    oldest = select(RUNS.c.id).where(due).order_by(RUNS.c.due_at).limit(number)
    ids = list(work.db.execute(oldest.with_for_update(skip_locked=True)).scalars())
    taken = update(RUNS).where(RUNS.c.id.in_(ids))
    work.db.execute(
        taken.values(
            state=RunState.RUNNING,
            attempts=RUNS.c.attempts + 1,
            fence=RUNS.c.fence + 1,
            due_at=now + lease,
            started_at=work.now,
        )
    )
    both = select(RUNS, INPUTS).join_from(RUNS, INPUTS).where(RUNS.c.id.in_(ids))
    return [
        Held(
            id=row.id,
            taking=taking,
            trigger=Trigger(row.trigger),
            path=row.path,
            body=row.body,
            query=json.loads(row.query),
            content_type=row.content_type,
            attempts=row.attempts,
            fence=row.fence,
        )
        for row in work.db.execute(both.order_by(RUNS.c.created_at))
    ]


def extend(work: Work, held: Iterable[Held], lease: timedelta) -> None:
    """Keep runs for longer; without effect on those that have ended or that another has."""
    until = lease_time(work) + lease
    for one in held:
        work.db.execute(_held(one).values(due_at=until))


def end(work: Work, held: Held, outcome: Outcome) -> bool:
    """Record how an attempt ended; return False if another process has the run by now."""
    answer = outcome.answer
    changed = _held(held).values(
        state=outcome.state,
        attempts=held.attempts if outcome.is_counted else held.attempts - 1,
        due_at=lease_time(work) + (outcome.pause or timedelta()),
        ended_at=work.now,
        status=answer.status if answer else None,
        answer=outcome.shown,
        error=storable(outcome.error),
        log_from=outcome.log_from,
        log_to=outcome.log_to,
    )
    return work.db.execute(changed).rowcount > 0


def open_runs(work: Work, instance: str) -> int:
    """Return how many runs of an instance have not ended."""
    query = select(func.count()).select_from(RUNS)
    found = work.db.execute(query.where(and_(RUNS.c.instance == instance, IS_OPEN)))
    return int(found.scalar_one())


def delete_all(work: Work, instance: str) -> None:
    """Delete all runs of an instance, and what went in."""
    gone = RUNS.c.instance == instance
    inputs = INPUTS.c.run.in_(select(RUNS.c.id).where(gone))
    work.db.execute(delete(INPUTS).where(inputs))
    work.db.execute(delete(RUNS).where(gone))


def _held(held: Held) -> Update:
    """Begin a change of a run that is made only while its fence is ours."""
    mine = and_(RUNS.c.id == held.id, RUNS.c.fence == held.fence)
    return update(RUNS).where(and_(mine, RUNS.c.state == RunState.RUNNING))
