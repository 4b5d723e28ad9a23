"""Call an operation off, try it again after a failure, or take it back after its success."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from connectory.access import rules as access
from connectory.access.rules import Actor, Role
from connectory.operations import read, store
from connectory.operations.read import OperationRow
from connectory.operations.rules import (
    ACTIVE,
    NotCancellableError,
    NotRetryableError,
    NotUndoableError,
    OperationEndedError,
    OperationRunningError,
    Recipe,
    Recipes,
    State,
    SupersededError,
)
from connectory.work import Event, Work


@dataclass(frozen=True, slots=True)
class Changes:
    """What another try should do otherwise: values of settings, and where secrets are."""

    inputs: Mapping[str, object] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.inputs or self.secrets)


class Amender(Protocol):
    """Knows how to change what an operation leads to."""

    def amend(self, work: Work, one: OperationRow, changes: Changes, actor: Actor) -> None:
        """Let an operation that ended without success lead to something else, or refuse."""
        ...


@dataclass(frozen=True, slots=True)
class Again:
    """How an operation is tried again: with these changes, made by this amender."""

    changes: Changes
    amender: Amender


@dataclass(frozen=True, slots=True)
class OperationCancelAsked(Event):
    """Somebody wants an operation to be undone; it is, once its present step has ended."""

    operation: str


@dataclass(frozen=True, slots=True)
class OperationRetried(Event):
    """An operation that had ended without success waits for a worker again."""

    operation: str


@dataclass(frozen=True, slots=True)
class OperationUndone(Event):
    """Somebody took back an operation that had succeeded; `reversal` is what does it."""

    operation: str
    reversal: str


def cancel(work: Work, operation: str, actor: Actor, recipes: Recipes) -> OperationRow:
    """Ask that an operation is undone. Asking again changes nothing.

    Raises:
        OperationMissingError: If there is none, or it is another team's.
        RoleError: If the actor may only look at it.
        OperationEndedError: If it has ended.
        NotCancellableError: If what it does cannot be undone.
    """
    one = _changeable(work, operation, actor)
    if one.state not in ACTIVE:
        raise OperationEndedError(one.id, one.state)
    if not recipes[one.kind].undoes:
        raise NotCancellableError(one.id, one.kind)
    if one.cancelled_by is None:
        if not store.cancel(work, one.id, actor.name):
            raise OperationEndedError(one.id, State.SUCCEEDED)
        work.emit(OperationCancelAsked(one.label, one.team, one.id))
    return read.operation(work, operation, actor)


def retry(
    work: Work, operation: str, actor: Actor, recipes: Recipes, again: Again | None = None
) -> OperationRow:
    """Let an operation go on where it failed; one that was undone begins anew.

    `again` can change what the operation leads to before it is tried.

    Raises:
        OperationMissingError: If there is none, or it is another team's.
        RoleError: If the actor may only look at it.
        NotRetryableError: If it goes on, succeeded, or others came after it.
    """
    one = _changeable(work, operation, actor)
    if one.state in ACTIVE or one.state is State.SUCCEEDED:
        raise NotRetryableError(one.id, f"it is {one.state}")
    if again is not None and again.changes:
        again.amender.amend(work, one, again.changes, actor)
    generation = recipes[one.kind].again(work, one)
    running = store.active_on(work, one.resource)
    if running is not None:
        raise OperationRunningError(one.label, running)
    if _newest(work, one) != one.id:
        raise NotRetryableError(one.id, "there is a newer operation")
    store.reopen(work, one, generation)
    work.emit(OperationRetried(one.label, one.team, one.id))
    return read.operation(work, operation, actor)


def undo(work: Work, operation: str, actor: Actor, recipes: Recipes) -> OperationRow:
    """Begin the operation that takes back one that succeeded, and return that.

    Raises:
        OperationMissingError: If there is none, or it is another team's.
        RoleError: If the actor may only look at it.
        NotUndoableError: If it did not succeed, or there is no way back from it.
        SupersededError: If there is a newer operation on the same thing.
    """
    one = _changeable(work, operation, actor)
    look = f"look at its steps: `connectory operations show {one.id}`"
    if one.state is not State.SUCCEEDED:
        raise NotUndoableError(one.id, f"it is {one.state}", look)
    newest = _newest(work, one)
    if newest != one.id:
        raise SupersededError(one.id, newest)
    reverse = recipes[one.kind].reverse
    if reverse is None:
        raise NotUndoableError(one.id, f"a {one.kind} leaves nothing to take back", look)
    reversal = reverse(work, one, recipes)
    work.emit(OperationUndone(one.label, one.team, one.id, reversal))
    return read.operation(work, reversal, actor)


def is_undoable(work: Work, one: OperationRow, recipe: Recipe) -> bool:
    """Whether it succeeded, nothing newer happened, and there may be a way back."""
    is_done = one.state is State.SUCCEEDED and recipe.reverse is not None
    return is_done and _newest(work, one) == one.id


def _newest(work: Work, one: OperationRow) -> str:
    return store.last_on(work, [one.resource])[one.resource].id


def _changeable(work: Work, operation: str, actor: Actor) -> OperationRow:
    one = read.operation(work, operation, actor)
    access.require_role(actor, Role.MEMBER, one.team)
    return one
