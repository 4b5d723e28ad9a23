"""Every query of delivery: what is due, who has it, how it ended.

Statements of each turn are built once: building one takes longer than running it.
"""

import json
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Select, and_, bindparam, func, select, update

from connectory.kernel.texts import storable
from connectory.runs.rules import Held, Outcome, RunState, Taking, Trigger
from connectory.runs.store import INPUTS, IS_OPEN, RUNS
from connectory.work import Work
from connectory.work.leases import lease_time
from connectory.work.tables import UtcTime

NOW = bindparam("moment", type_=UtcTime)
IS_DUE = and_(IS_OPEN, RUNS.c.due_at <= NOW)


def _wanting() -> Select[tuple[str]]:
    """Look up one instance after the other in an index: a long line of one costs nothing."""
    first = select(func.min(RUNS.c.instance).label("instance")).where(IS_DUE)
    found = first.cte("wanting", recursive=True)
    following = (
        select(func.min(RUNS.c.instance))
        .where(and_(IS_DUE, RUNS.c.instance > found.c.instance))
        .correlate(found)
        .scalar_subquery()
    )
    each = found.union_all(select(following).where(found.c.instance.is_not(None)))
    return select(each.c.instance).where(each.c.instance.is_not(None))


WANTING = _wanting()
LONGEST_DUE = (
    select(RUNS.c.id)
    .where(and_(RUNS.c.instance == bindparam("of"), IS_DUE))
    .order_by(RUNS.c.due_at)
    .limit(bindparam("number"))
    .with_for_update(skip_locked=True)
)
TAKE = (
    update(RUNS)
    .where(RUNS.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        state=RunState.RUNNING,
        attempts=RUNS.c.attempts + 1,
        fence=RUNS.c.fence + 1,
        due_at=bindparam("until", type_=UtcTime),
        started_at=bindparam("started", type_=UtcTime),
    )
)
WITH_INPUT = (
    select(RUNS, INPUTS)
    .join_from(RUNS, INPUTS)
    .where(RUNS.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(RUNS.c.created_at)
)
CHANGE = update(RUNS).where(
    and_(
        RUNS.c.id == bindparam("run"),
        RUNS.c.fence == bindparam("ours"),
        RUNS.c.state == RunState.RUNNING,
    )
)
"""Changes a run only while its fence is ours; the columns to set are parameters, too."""


def wanting(work: Work) -> list[str]:
    """Return the instances that have a run to deliver now, in order."""
    found = work.db.execute(WANTING, {"moment": lease_time(work)})
    return [row.instance for row in found]


def due(work: Work, instance: str, number: int) -> list[str]:
    """Return the runs of an instance that are due for longest, and lock them."""
    which = {"of": instance, "number": number, "moment": lease_time(work)}
    return list(work.db.execute(LONGEST_DUE, which).scalars())


def take(work: Work, taking: Taking, ids: list[str], lease: timedelta) -> list[Held]:
    """Take runs of an instance for the length of a lease, and raise their fence."""
    until = lease_time(work) + lease
    work.db.execute(TAKE, {"ids": ids, "until": until, "started": work.now})
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
        for row in work.db.execute(WITH_INPUT, {"ids": ids})
    ]


def extend(work: Work, held: Iterable[Held], lease: timedelta) -> None:
    """Keep runs for longer; without effect on those that have ended or that another has."""
    until = lease_time(work) + lease
    for one in held:
        work.db.execute(CHANGE, {"run": one.id, "ours": one.fence, "due_at": until})


def end(work: Work, held: Held, outcome: Outcome) -> bool:
    """Record how an attempt ended; return False if another process has the run by now."""
    answer = outcome.answer
    ended = {
        "run": held.id,
        "ours": held.fence,
        "state": outcome.state,
        "attempts": held.attempts if outcome.is_counted else held.attempts - 1,
        "due_at": lease_time(work) + (outcome.pause or timedelta()),
        "ended_at": work.now,
        "status": answer.status if answer else None,
        "answer": outcome.shown,
        "error": storable(outcome.error),
        "log_from": outcome.log_from,
        "log_to": outcome.log_to,
    }
    return work.db.execute(CHANGE, ended).rowcount > 0
