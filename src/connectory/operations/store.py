"""The journal's tables and every query on them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from connectory.kernel.paging import Position
from connectory.kernel.texts import storable
from connectory.operations.rules import (
    ACTIVE,
    CancelledError,
    LeaseLostError,
    Operation,
    OperationRow,
    Progress,
    State,
    StepRow,
    StepState,
)
from connectory.work import Work
from connectory.work.leases import lease_time
from connectory.work.tables import METADATA, UtcTime

Kept = TypeVar("Kept", Operation, OperationRow, StepRow)

IS_ACTIVE = text("state IN ('waiting', 'running')")  # literal, so that its index is used

OPERATIONS = Table(
    "operation",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("is_undoing", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("error", Text),
    Column("cancelled_by", Text),
    Column("by", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("revision", Integer, nullable=False),
    Column("lease_by", Text),
    Column("lease_until", UtcTime),
    Column("fence", Integer, nullable=False),
    Index("ix_operation_team_created_at", "team", "created_at"),
    Index("ix_operation_resource_created_at", "resource", "created_at"),
    Index(
        "uq_operation_active",
        "resource",
        unique=True,
        sqlite_where=IS_ACTIVE,
        postgresql_where=IS_ACTIVE,
    ),
)
STEPS = Table(
    "operation_step",
    METADATA,
    Column("operation", Text, ForeignKey("operation.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("started_at", UtcTime),
    Column("ended_at", UtcTime),
)


def add(work: Work, new: Operation, steps: Iterable[tuple[str, str]]) -> None:
    """Insert a waiting operation with its steps (name, title)."""
    row = {**asdict(new), "state": State.WAITING, "created_at": work.now, "revision": 1}
    work.db.execute(insert(OPERATIONS).values(**row))
    rows = [
        {
            "operation": new.id,
            "seq": seq,
            "name": name,
            "title": title,
            "state": StepState.WAITING,
            "detail": "",
            "tries": 0,
        }
        for seq, (name, title) in enumerate(steps)
    ]
    work.db.execute(insert(STEPS), rows)


def active_on(work: Work, resource: str) -> str | None:
    """Return the operation that is at work on a resource, if any."""
    query = select(OPERATIONS.c.id).where(and_(OPERATIONS.c.resource == resource, IS_ACTIVE))
    found = work.db.execute(query).scalar()
    return None if found is None else str(found)


def has_free(work: Work) -> bool:
    """Whether there is an operation to claim. Cheap, and takes no lock."""
    return work.db.execute(ONE_FREE, {"now": lease_time(work)}).first() is not None


def claim(work: Work, worker: str, lease: timedelta) -> Operation | None:
    """Take the oldest operation that no living worker has; raise its fence."""
    now = lease_time(work)
    oldest = OLDEST_FREE.with_for_update(skip_locked=True)
    row = work.db.execute(oldest, {"now": now}).first()
    if row is None:
        return None
    taken = update(OPERATIONS).where(
        and_(OPERATIONS.c.id == row.id, OPERATIONS.c.fence == row.fence)
    )
    work.db.execute(
        taken.values(
            state=State.RUNNING,
            lease_by=worker,
            lease_until=now + lease,
            fence=row.fence + 1,
            revision=row.revision + 1,
        )
    )
    return _operation(row, fence=row.fence + 1)


def extend(work: Work, held: Operation, lease: timedelta) -> None:
    """Keep an operation for longer; without effect when it has ended or another has it.

    That is no change that anybody follows, so the revision stays.
    """
    longer = update(OPERATIONS).where(_is_held(held))
    work.db.execute(longer.values(lease_until=lease_time(work) + lease))


def release(work: Work, held: Operation, *, pause: timedelta) -> None:
    """Let go of an operation for the length of `pause`, counting one more try.

    Raises:
        LeaseLostError: If another worker has it.
    """
    _fenced(work, held, lease_until=lease_time(work) + pause, tries=held.tries + 1)


def start_step(work: Work, held: Operation, name: str) -> None:
    """Journal the intent to do a step.

    Raises:
        LeaseLostError: If another worker has the operation.
        CancelledError: If somebody has called the operation off.
    """
    _fenced(work, held)
    query = select(OPERATIONS.c.cancelled_by).where(OPERATIONS.c.id == held.id)
    by = work.db.execute(query).scalar()
    if by is not None:
        raise CancelledError(held.id, by)
    intent = {"state": StepState.RUNNING, "tries": STEPS.c.tries + 1, "started_at": work.now}
    _step(work, held.id, STEPS.c.name == name, **intent, ended_at=None)


def end_step(work: Work, held: Operation, name: str, state: StepState, detail: str) -> None:
    """Journal how a step ended.

    Raises:
        LeaseLostError: If another worker has the operation.
    """
    _fenced(work, held)
    ended = {"state": state, "detail": storable(detail), "ended_at": work.now}
    _step(work, held.id, STEPS.c.name == name, **ended)


def active_among(work: Work, resources: Iterable[str]) -> frozenset[str]:
    """Return those of the resources that an operation is at work on."""
    wanted = list(resources)
    if not wanted:
        return frozenset()
    query = select(OPERATIONS.c.resource).where(
        and_(OPERATIONS.c.resource.in_(wanted), IS_ACTIVE)
    )
    return frozenset(work.db.execute(query).scalars())


def cancel(work: Work, operation_id: str, by: str) -> bool:
    """Ask that an operation is undone; return False if it has ended."""
    wanted = update(OPERATIONS).where(and_(OPERATIONS.c.id == operation_id, IS_ACTIVE))
    changed = wanted.values(cancelled_by=by, revision=OPERATIONS.c.revision + 1)
    return work.db.execute(changed).rowcount > 0


def reopen(work: Work, one: OperationRow, generation: int) -> None:
    """Let an ended operation wait for a worker again.

    One that failed goes on where it failed, also with its undoing. One that was undone begins
    anew.
    """
    is_going_on = one.state is State.FAILED
    opened = {"state": State.WAITING, "ended_at": None, "tries": 0, "cancelled_by": None}
    if not (is_going_on and one.is_undoing):
        opened |= {"is_undoing": False, "error": None, "generation": generation}
    same = and_(OPERATIONS.c.id == one.id, OPERATIONS.c.revision == one.revision)
    changed = update(OPERATIONS).where(same)
    work.db.execute(changed.values(**opened, revision=OPERATIONS.c.revision + 1))
    if not is_going_on:
        fresh = {"state": StepState.WAITING, "detail": "", "started_at": None, "ended_at": None}
        _step(work, one.id, STEPS.c.state != StepState.WAITING, **fresh)


def begin_undo(work: Work, held: Operation, error: Mapping[str, str]) -> None:
    """Turn an operation round: from now on its steps are undone.

    Raises:
        LeaseLostError: If another worker has the operation.
    """
    _fenced(work, held, is_undoing=True, error=_error_text(error))


def end(work: Work, held: Operation, state: State, error: Mapping[str, str] | None) -> None:
    """Give an operation its final state.

    Raises:
        LeaseLostError: If another worker has it.
    """
    ended: dict[str, object] = {"state": state, "ended_at": work.now, "lease_until": None}
    if error is not None:
        ended["error"] = _error_text(error)
    _fenced(work, held, **ended)


def numbers(work: Work) -> dict[str, int]:
    """Return how many operations there are of each state that is not final."""
    query = select(OPERATIONS.c.state, func.count().label("many")).where(IS_ACTIVE)
    found = work.db.execute(query.group_by(OPERATIONS.c.state))
    return {State.WAITING: 0, State.RUNNING: 0} | {row.state: row.many for row in found}


def step_states(work: Work, operation: str) -> dict[str, StepState]:
    """Return the state of each step by its name."""
    query = select(STEPS.c.name, STEPS.c.state).where(STEPS.c.operation == operation)
    return {row.name: StepState(row.state) for row in work.db.execute(query)}


def operation(work: Work, operation_id: str) -> OperationRow | None:
    """Return one operation with its steps."""
    found = work.db.execute(select(OPERATIONS).where(OPERATIONS.c.id == operation_id)).first()
    if found is None:
        return None
    steps = select(STEPS).where(STEPS.c.operation == operation_id).order_by(STEPS.c.seq)
    return _operation_row(found, tuple(_step_row(row) for row in work.db.execute(steps)))


def progress(work: Work, operation_id: str) -> Progress | None:
    """Return how far an operation is; None when there is none."""
    query = select(OPERATIONS.c.revision, OPERATIONS.c.state)
    row = work.db.execute(query.where(OPERATIONS.c.id == operation_id)).first()
    return Progress(row.revision, row.state not in ACTIVE) if row else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which operations to list. `teams` None means all; `before` is the last one seen.

    `instance` is a name for people, `leads` in any team or `payments/leads`.
    """

    teams: frozenset[str] | None = None
    state: str = ""
    kind: str = ""
    instance: str = ""
    resource: str = ""
    before: Position | None = None
    limit: int = 50


def operations(work: Work, wanted: Wanted) -> list[OperationRow]:
    """Return operations without their steps, newest first."""
    query = select(OPERATIONS)
    if wanted.teams is not None:
        query = query.where(OPERATIONS.c.team.in_(sorted(wanted.teams)))
    for column, value in (("state", wanted.state), ("kind", wanted.kind)):
        if value:
            query = query.where(OPERATIONS.c[column] == value)
    if wanted.instance:
        query = query.where(_is_of(wanted.instance))
    if wanted.resource:
        query = query.where(OPERATIONS.c.resource == wanted.resource)
    if wanted.before is not None:
        at, last = wanted.before
        older = and_(OPERATIONS.c.created_at == at, OPERATIONS.c.id < last)
        query = query.where(or_(OPERATIONS.c.created_at < at, older))
    order = query.order_by(OPERATIONS.c.created_at.desc(), OPERATIONS.c.id.desc())
    return [_operation_row(row, ()) for row in work.db.execute(order.limit(wanted.limit))]


def last_on(work: Work, resources: Iterable[str]) -> dict[str, OperationRow]:
    """Return the newest operation of each resource, without steps."""
    newest_first = (OPERATIONS.c.created_at.desc(), OPERATIONS.c.id.desc())
    rank = func.row_number().over(partition_by=OPERATIONS.c.resource, order_by=newest_first)
    ranked = (
        select(OPERATIONS.c.id, rank.label("rank"))
        .where(OPERATIONS.c.resource.in_(sorted(set(resources))))
        .subquery()
    )
    newest = select(ranked.c.id).where(ranked.c.rank == 1)
    found = work.db.execute(select(OPERATIONS).where(OPERATIONS.c.id.in_(newest)))
    return {row.resource: _operation_row(row, ()) for row in found}


def _is_of(instance: str) -> ColumnElement[bool]:
    if "/" in instance:
        return OPERATIONS.c.label == instance
    return OPERATIONS.c.label == OPERATIONS.c.team + "/" + instance


def _is_held(held: Operation) -> ColumnElement[bool]:
    return and_(OPERATIONS.c.id == held.id, OPERATIONS.c.fence == held.fence, IS_ACTIVE)


def _fenced(work: Work, held: Operation, **values: object) -> None:
    """Change an operation only while its fence is ours and it runs; bump its revision."""
    changed = work.db.execute(
        update(OPERATIONS)
        .where(_is_held(held))
        .values(revision=OPERATIONS.c.revision + 1, **values)
    )
    if changed.rowcount == 0:
        raise LeaseLostError(held.id)


def _error_text(error: Mapping[str, str]) -> str:
    return json.dumps({name: storable(said) for name, said in error.items()})


def _step(work: Work, operation: str, which: ColumnElement[bool], **values: object) -> None:
    at = and_(STEPS.c.operation == operation, which)
    work.db.execute(update(STEPS).where(at).values(**values))


def _operation(row: Row[tuple[object, ...]], *, fence: int) -> Operation:
    known = _values(row, Operation)
    known |= {"fence": fence, "error": _error(row)}
    return Operation(**known)


def _operation_row(row: Row[tuple[object, ...]], steps: tuple[StepRow, ...]) -> OperationRow:
    known = _values(row, OperationRow)
    known |= {"state": State(row.state), "error": _error(row), "steps": steps}
    return OperationRow(**known)


def _error(row: Row[tuple[object, ...]]) -> dict[str, str] | None:
    error: dict[str, str] | None = json.loads(row.error) if row.error else None
    return error


def _step_row(row: Row[tuple[object, ...]]) -> StepRow:
    known = _values(row, StepRow)
    known["state"] = StepState(row.state)
    return StepRow(**known)


def _values(row: Row[tuple[object, ...]], kind: type[Kept]) -> dict[str, Any]:
    """Return the columns of a row that have the name of a field."""
    return {
        each.name: getattr(row, each.name) for each in fields(kind) if hasattr(row, each.name)
    }


IS_FREE = and_(
    IS_ACTIVE,
    or_(OPERATIONS.c.lease_until.is_(None), OPERATIONS.c.lease_until < bindparam("now")),
)
ONE_FREE = select(OPERATIONS.c.id).where(IS_FREE).limit(1)
OLDEST_FREE = select(OPERATIONS).where(IS_FREE).order_by(OPERATIONS.c.created_at).limit(1)
"""Each committed change asks for them: they are put together once."""
