"""The words of an operation, and what its steps look like. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from connectory.kernel.errors import ConnectoryError, Kind
from connectory.work import Work


class State(StrEnum):
    """Where an operation stands. While it is being undone it is still `running`."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNDONE = "undone"
    CANCELLED = "cancelled"


ACTIVE = frozenset({State.WAITING, State.RUNNING})


class StepState(StrEnum):
    """Where one step stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"


class OperationMissingError(ConnectoryError):
    """There is no such operation, or it belongs to a team that the caller is not in."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "operation-missing"

    def __init__(self, operation: str) -> None:
        super().__init__(
            f"there is no operation {operation[:40]}",
            hint="list those of your teams with `connectory operations list`",
        )


class OperationRunningError(ConnectoryError):
    """Another operation is at work on the same thing."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "operation-running"

    def __init__(self, label: str, operation: str) -> None:
        super().__init__(
            f"operation {operation} is at work on {label}",
            hint=f"wait for it: `connectory operations show {operation}`",
            operation=operation,
        )


class OperationEndedError(ConnectoryError):
    """An operation has ended, so nothing of it can be called off any more."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "operation-ended"

    def __init__(self, operation: str, state: State) -> None:
        super().__init__(
            f"{operation} has ended: {state}",
            hint=f"look at its steps: `connectory operations show {operation}`",
            state=str(state),
        )


class NotCancellableError(ConnectoryError):
    """An operation of this kind cannot be undone, so it has to go on."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "not-cancellable"

    def __init__(self, operation: str, what: str) -> None:
        super().__init__(
            f"{operation} cannot be cancelled: a {what} cannot be undone half way",
            hint=f"wait for its end: `connectory operations show {operation} --follow`",
        )


class NotRetryableError(ConnectoryError):
    """An operation cannot be tried again: it did what it should, or others came after it."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "not-retryable"

    def __init__(self, operation: str, reason: str) -> None:
        super().__init__(
            f"{operation} cannot be tried again: {reason}",
            hint="begin a new one in its place",
        )


class NotUndoableError(ConnectoryError):
    """An operation cannot be reversed: it did not succeed, or there is no way back from it."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "not-undoable"

    def __init__(self, operation: str, reason: str, hint: str) -> None:
        super().__init__(f"{operation} cannot be undone: {reason}", hint=hint)


class SupersededError(ConnectoryError):
    """An operation cannot be reversed any more: a newer one has changed the same thing."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "operation-superseded"

    def __init__(self, operation: str, newer: str) -> None:
        super().__init__(
            f"{operation} cannot be undone: {newer} came after it",
            hint=f"undo the newer one first: `connectory operations undo {newer}`",
            newer=newer,
        )


class CancelledError(ConnectoryError):
    """Somebody called an operation off; what it had done was undone."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "operation-cancelled"

    def __init__(self, operation: str, by: str) -> None:
        super().__init__(
            f"{by} cancelled {operation}",
            hint=f"begin it again: `connectory operations retry {operation}`",
        )


class LeaseLostError(ConnectoryError):
    """Another worker took the operation over; this one must not touch it any more."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "lease-lost"

    def __init__(self, operation: str) -> None:
        super().__init__(
            f"another worker took {operation} over", hint="nothing to do: it goes on there"
        )


@dataclass(frozen=True, slots=True)
class Operation:
    """One attempt to change the world, as a worker sees it.

    `resource` is what only one operation at a time may work on (`inst_…`), `label` its name for
    people (`payments/leads`). `fence` grows with each worker that takes the operation.
    """

    id: str
    kind: str
    resource: str
    label: str
    team: str
    by: str
    generation: int
    fence: int
    is_undoing: bool
    tries: int
    error: Mapping[str, str] | None = None  # why it is being undone


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
    generation: int
    state: State
    is_undoing: bool
    error: dict[str, str] | None
    by: str
    created_at: datetime
    ended_at: datetime | None
    revision: int
    cancelled_by: str | None
    steps: tuple[StepRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an operation is; cheap to ask again and again."""

    revision: int
    is_over: bool


@dataclass(frozen=True, slots=True)
class Done:
    """What a step did: one line for people, and the changes that belong into its record.

    `record` runs in the transaction that journals the step, so both are there or neither.
    """

    detail: str
    record: Callable[[Work], None] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One named part of an operation. Both functions are idempotent: they may run again.

    `do` may raise a ConnectoryError; then everything is undone. `undo` None means that there
    is nothing to undo.
    """

    name: str
    title: str
    do: Callable[[Operation], Done]
    undo: Callable[[Operation], Done] | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one kind of operation works.

    `finish` runs in the transaction that ends the operation, with the final state; one that
    was cancelled is undone for it. Where `undoes` is false, a failing step ends the operation
    as failed and what was done stays. `again` runs in the transaction that tries an ended
    operation again; it locks the resource and returns its generation, or refuses. `reverse`
    begins the operation that takes back one of this kind that succeeded, and returns its id;
    None means that there is nothing to take back.
    """

    steps: tuple[Step, ...]
    finish: Callable[[Work, Operation, State], None]
    again: Callable[[Work, OperationRow], int]
    undoes: bool = True
    reverse: "Callable[[Work, OperationRow, Recipes], str] | None" = None


Recipes = Mapping[str, Recipe]
