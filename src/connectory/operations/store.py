"""The journal's tables and every query on them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

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
    insert,
    or_,
    select,
    text,
    update,
)

from connectory.operations.rules import (
    ACTIVE,
    LeaseLostError,
    Operation,
    State,
    StepState,
)
from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime

IS_ACTIVE = text("state IN ('waiting', 'running')")

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
    Column("by", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("revision", Integer, nullable=False),
    Column("lease_by", Text),
    Column("lease_until", UtcTime),
    Column("fence", Integer, nullable=False),
    Index("ix_operation_team_created_at", "team", "created_at"),
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


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step as journaled."""

    name: str
    title: str
    state: StepState
    detail: str
    tries: int
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class OperationRow:
    """One operation as journaled. `revision` grows with each change of it or its steps."""

    id: str
    kind: str
    resource: str
    label: str
    team: str
    state: State
    is_undoing: bool
    error: dict[str, str] | None
    by: str
    created_at: datetime
    ended_at: datetime | None
    revision: int
    steps: tuple[StepRow, ...] = ()


def add(work: Work, new: Operation, steps: Iterable[tuple[str, str]]) -> None:
    """Insert a waiting operation with its steps (name, title)."""
    work.db.execute(
        insert(OPERATIONS).values(
            id=new.id,
            kind=new.kind,
            resource=new.resource,
            label=new.label,
            team=new.team,
            generation=new.generation,
            state=State.WAITING,
            is_undoing=False,
            tries=0,
            by=new.by,
            created_at=work.now,
            revision=1,
            fence=0,
        )
    )
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
    query = select(OPERATIONS.c.id).where(
        and_(OPERATIONS.c.resource == resource, OPERATIONS.c.state.in_(ACTIVE))
    )
    found = work.db.execute(query).scalar()
    return None if found is None else str(found)


def has_free(work: Work) -> bool:
    """Whether there is an operation to claim. Cheap, and takes no lock."""
    query = select(OPERATIONS.c.id).where(_is_free(work)).limit(1)
    return work.db.execute(query).first() is not None


def claim(work: Work, worker: str, lease: timedelta) -> Operation | None:
    """Take the oldest operation that no living worker has; raise its fence."""
    query = select(OPERATIONS).where(_is_free(work))
    oldest = query.order_by(OPERATIONS.c.created_at).limit(1).with_for_update(skip_locked=True)
    row = work.db.execute(oldest).first()
    if row is None:
        return None
    taken = update(OPERATIONS).where(
        and_(OPERATIONS.c.id == row.id, OPERATIONS.c.fence == row.fence)
    )
    work.db.execute(
        taken.values(
            state=State.RUNNING,
            lease_by=worker,
            lease_until=work.now + lease,
            fence=row.fence + 1,
            revision=row.revision + 1,
        )
    )
    return _operation(row, fence=row.fence + 1)


def extend(work: Work, held: Operation, lease: timedelta) -> None:
    """Keep an operation for longer.

    Raises:
        LeaseLostError: If another worker has it.
    """
    _fenced(work, held, lease_until=work.now + lease)


def release(work: Work, held: Operation, *, retry_at: datetime) -> None:
    """Let go of an operation until `retry_at`, counting one more try.

    Raises:
        LeaseLostError: If another worker has it.
    """
    _fenced(work, held, lease_until=retry_at, tries=held.tries + 1)


def start_step(work: Work, held: Operation, seq: int) -> None:
    """Journal the intent to do a step.

    Raises:
        LeaseLostError: If another worker has the operation.
    """
    _fenced(work, held)
    _step(
        work,
        held,
        seq,
        state=StepState.RUNNING,
        tries=STEPS.c.tries + 1,
        started_at=work.now,
        ended_at=None,
    )


def end_step(work: Work, held: Operation, seq: int, state: StepState, detail: str) -> None:
    """Journal how a step ended.

    Raises:
        LeaseLostError: If another worker has the operation.
    """
    _fenced(work, held)
    _step(work, held, seq, state=state, detail=detail, ended_at=work.now)


def begin_undo(work: Work, held: Operation, error: dict[str, str]) -> None:
    """Turn an operation round: from now on its steps are undone.

    Raises:
        LeaseLostError: If another worker has the operation.
    """
    _fenced(work, held, is_undoing=True, error=json.dumps(error))


def end(work: Work, held: Operation, state: State, error: dict[str, str] | None) -> None:
    """Give an operation its final state.

    Raises:
        LeaseLostError: If another worker has it.
    """
    ended: dict[str, object] = {"state": state, "ended_at": work.now, "lease_until": None}
    if error is not None:
        ended["error"] = json.dumps(error)
    _fenced(work, held, **ended)


def step_states(work: Work, operation: str) -> list[StepState]:
    """Return the state of each step, in order."""
    query = select(STEPS.c.state).where(STEPS.c.operation == operation).order_by(STEPS.c.seq)
    return [StepState(state) for state in work.db.execute(query).scalars()]


def operation(work: Work, operation_id: str) -> OperationRow | None:
    """Return one operation with its steps."""
    found = work.db.execute(select(OPERATIONS).where(OPERATIONS.c.id == operation_id)).first()
    if found is None:
        return None
    steps = select(STEPS).where(STEPS.c.operation == operation_id).order_by(STEPS.c.seq)
    return _operation_row(found, tuple(_step_row(row) for row in work.db.execute(steps)))


def revision(work: Work, operation_id: str) -> int:
    """Return the revision of an operation; 0 when there is none."""
    query = select(OPERATIONS.c.revision).where(OPERATIONS.c.id == operation_id)
    return int(work.db.execute(query).scalar() or 0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which operations to list. `teams` None means all; `before` is the last one seen."""

    teams: frozenset[str] | None = None
    state: str = ""
    kind: str = ""
    resource: str = ""
    before: tuple[datetime, str] | None = None
    limit: int = 50


def operations(work: Work, wanted: Wanted) -> list[OperationRow]:
    """Return operations without their steps, newest first."""
    query = select(OPERATIONS)
    if wanted.teams is not None:
        query = query.where(OPERATIONS.c.team.in_(sorted(wanted.teams)))
    for column, value in (("state", wanted.state), ("kind", wanted.kind)):
        if value:
            query = query.where(OPERATIONS.c[column] == value)
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
    query = select(OPERATIONS).where(OPERATIONS.c.resource.in_(sorted(set(resources))))
    found = work.db.execute(query.order_by(OPERATIONS.c.created_at))
    return {row.resource: _operation_row(row, ()) for row in found}


def _is_free(work: Work) -> ColumnElement[bool]:
    unheld = or_(OPERATIONS.c.lease_until.is_(None), OPERATIONS.c.lease_until < work.now)
    return and_(OPERATIONS.c.state.in_(ACTIVE), unheld)


def _fenced(work: Work, held: Operation, **values: object) -> None:
    """Change an operation only while its fence is ours; bump its revision."""
    changed = work.db.execute(
        update(OPERATIONS)
        .where(and_(OPERATIONS.c.id == held.id, OPERATIONS.c.fence == held.fence))
        .values(revision=OPERATIONS.c.revision + 1, **values)
    )
    if changed.rowcount == 0:
        raise LeaseLostError(held.id)


def _step(work: Work, held: Operation, seq: int, **values: object) -> None:
    at = and_(STEPS.c.operation == held.id, STEPS.c.seq == seq)
    work.db.execute(update(STEPS).where(at).values(**values))


def _operation(row: Row[tuple[object, ...]], *, fence: int) -> Operation:
    return Operation(
        id=row.id,
        kind=row.kind,
        resource=row.resource,
        label=row.label,
        team=row.team,
        by=row.by,
        generation=row.generation,
        fence=fence,
        is_undoing=row.is_undoing,
        tries=row.tries,
    )


def _operation_row(row: Row[tuple[object, ...]], steps: tuple[StepRow, ...]) -> OperationRow:
    return OperationRow(
        id=row.id,
        kind=row.kind,
        resource=row.resource,
        label=row.label,
        team=row.team,
        state=State(row.state),
        is_undoing=row.is_undoing,
        error=json.loads(row.error) if row.error else None,
        by=row.by,
        created_at=row.created_at,
        ended_at=row.ended_at,
        revision=row.revision,
        steps=steps,
    )


def _step_row(row: Row[tuple[object, ...]]) -> StepRow:
    return StepRow(
        name=row.name,
        title=row.title,
        state=StepState(row.state),
        detail=row.detail,
        tries=row.tries,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
