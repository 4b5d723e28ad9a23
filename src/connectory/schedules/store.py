"""The tables of schedules and of ticks without a run, and every query on them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    Row,
    Table,
    Text,
    and_,
    delete,
    func,
    select,
)
from sqlalchemy import update as change

from connectory.schedules.rules import Reason, Schedule, Skipped
from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime, insert_new, put_row

SCHEDULES = Table(
    "schedule",
    METADATA,
    Column("instance", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("cron", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("jitter_s", Integer, nullable=False),
    Column("makes_up", Boolean, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("fires_at", UtcTime, nullable=False, index=True),
    Column("last_run", Text),
)
"""`due_at` is the next tick as planned, `fires_at` the same with its delay."""
SKIPS = Table(
    "schedule_skip",
    METADATA,
    Column("instance", Text, primary_key=True),
    Column("schedule", Text, primary_key=True),
    Column("first_at", UtcTime, primary_key=True),
    Column("last_at", UtcTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("noted_at", UtcTime, nullable=False, index=True),
    Index("ix_schedule_skip_last", "instance", "schedule", "last_at"),
)
MOST_DUE = 100


def due(work: Work) -> list[Schedule]:
    """Return schedules whose tick has come, the oldest first, at most `MOST_DUE`."""
    query = select(SCHEDULES).where(SCHEDULES.c.fires_at <= work.now)
    found = work.db.execute(query.order_by(SCHEDULES.c.fires_at).limit(MOST_DUE))
    return [_schedule(row) for row in found]


def waiting(work: Work, after: datetime) -> list[Schedule]:
    """Return schedules whose next tick is behind a moment."""
    found = work.db.execute(select(SCHEDULES).where(SCHEDULES.c.due_at > after))
    return [_schedule(row) for row in found]


def of_instance(work: Work, instance: str) -> dict[str, Schedule]:
    """Return the schedules of an instance by their names."""
    found = work.db.execute(select(SCHEDULES).where(SCHEDULES.c.instance == instance))
    return {row.name: _schedule(row) for row in found}


def counted(work: Work) -> dict[str, int]:
    """Return how many schedules each instance has; absent means none."""
    number = func.count().label("number")
    query = select(SCHEDULES.c.instance, number).group_by(SCHEDULES.c.instance)
    return {row.instance: row.number for row in work.db.execute(query)}


def add(work: Work, new: Schedule) -> None:
    """Insert a schedule; without effect if it is there."""
    insert_new(work.db, SCHEDULES, _row(new))


def set_next(work: Work, seen: Schedule, new: Schedule) -> bool:
    """Move a schedule on; return False, and do nothing, if somebody else has moved it."""
    mine = and_(_is(seen), SCHEDULES.c.due_at == seen.due)
    return work.db.execute(change(SCHEDULES).where(mine).values(**_row(new))).rowcount > 0


def set_last_run(work: Work, one: Schedule, run: str) -> None:
    """Note the run of the last tick."""
    work.db.execute(change(SCHEDULES).where(_is(one)).values(last_run=run))


def remove(work: Work, instance: str, names: Iterable[str]) -> None:
    """Delete some schedules of an instance."""
    these = and_(SCHEDULES.c.instance == instance, SCHEDULES.c.name.in_(list(names)))
    work.db.execute(delete(SCHEDULES).where(these))


def remove_all(work: Work, instance: str) -> None:
    """Delete all schedules of an instance, and what was noted of them."""
    work.db.execute(delete(SCHEDULES).where(SCHEDULES.c.instance == instance))
    work.db.execute(delete(SKIPS).where(SKIPS.c.instance == instance))


def note_skipped(work: Work, one: Schedule, skipped: Skipped) -> None:
    """Note ticks without a run; those that follow ones without a run are added to them."""
    last = next(iter(skips(work, one.instance, one.name, limit=1)), None)
    first = skipped.first
    if last and last.reason is skipped.reason and one.following(last.last) == first:
        first = last.first
    row = {
        "instance": one.instance,
        "schedule": one.name,
        "first_at": first,
        "last_at": skipped.last,
        "reason": skipped.reason,
        "noted_at": work.now,
    }
    put_row(work.db, SKIPS, row)


def skips(work: Work, instance: str, name: str, *, limit: int) -> list[Skipped]:
    """Return the last ticks of a schedule that had no run, newest first."""
    mine = and_(SKIPS.c.instance == instance, SKIPS.c.schedule == name)
    query = select(SKIPS).where(mine).order_by(SKIPS.c.last_at.desc()).limit(limit)
    found = work.db.execute(query)
    return [Skipped(row.first_at, row.last_at, Reason(row.reason)) for row in found]


def forget_skips(work: Work, before: datetime) -> None:
    """Delete what was noted before a moment."""
    work.db.execute(delete(SKIPS).where(SKIPS.c.noted_at < before))


def _is(one: Schedule) -> ColumnElement[bool]:
    return and_(SCHEDULES.c.instance == one.instance, SCHEDULES.c.name == one.name)


def _row(one: Schedule) -> dict[str, object]:
    return {
        "instance": one.instance,
        "name": one.name,
        "cron": one.cron,
        "zone": one.zone,
        "jitter_s": one.jitter_s,
        "makes_up": one.makes_up,
        "due_at": one.due,
        "fires_at": one.fires_at,
        "last_run": one.last_run,
    }


def _schedule(row: Row[tuple[object, ...]]) -> Schedule:
    return Schedule(
        instance=row.instance,
        name=row.name,
        cron=row.cron,
        zone=row.zone,
        jitter_s=row.jitter_s,
        makes_up=row.makes_up,
        due=row.due_at,
        fires_at=row.fires_at,
        last_run=row.last_run,
    )
