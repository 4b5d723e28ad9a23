"""Every query of delivery: what is due, who has it, how it ended."""

import json
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Update, and_, func, select, update

from connectory.kernel.texts import storable
from connectory.runs.rules import Held, Outcome, RunState, Taking, Trigger
from connectory.runs.store import INPUTS, IS_OPEN, RUNS
from connectory.work import Work
from connectory.work.leases import lease_time


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


def due(work: Work, instance: str, number: int) -> list[str]:
    """Return the runs of an instance that are due for longest, and lock them."""
    is_due = and_(RUNS.c.instance == instance, IS_OPEN, RUNS.c.due_at <= lease_time(work))
    oldest = select(RUNS.c.id).where(is_due).order_by(RUNS.c.due_at).limit(number)
    return list(work.db.execute(oldest.with_for_update(skip_locked=True)).scalars())


def take(work: Work, taking: Taking, ids: Iterable[str], lease: timedelta) -> list[Held]:
    """Take runs of an instance for the length of a lease, and raise their fence."""
    ids = list(ids)
    now = lease_time(work)
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


def _held(held: Held) -> Update:
    """Begin a change of a run that is made only while its fence is ours."""
    mine = and_(RUNS.c.id == held.id, RUNS.c.fence == held.fence)
    return update(RUNS).where(and_(mine, RUNS.c.state == RunState.RUNNING))
