"""Call an operation off, or try one again that has ended without success."""

from dataclasses import dataclass

from connectory.access import rules as access
from connectory.access.rules import Actor, Role
from connectory.operations import read, store
from connectory.operations.read import OperationRow
from connectory.operations.rules import (
    ACTIVE,
    NotCancellableError,
    NotRetryableError,
    OperationEndedError,
    OperationRunningError,
    Recipes,
    State,
)
from connectory.work import Event, Work


@dataclass(frozen=True, slots=True)
class OperationCancelAsked(Event):
    """Somebody wants an operation to be undone; it is, once its present step has ended."""

    operation: str


@dataclass(frozen=True, slots=True)
class OperationRetried(Event):
    """An operation that had ended without success waits for a worker again."""

    operation: str


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


def retry(work: Work, operation: str, actor: Actor, recipes: Recipes) -> OperationRow:
    """Let an operation go on where it failed; one that was undone begins anew.

    Raises:
        OperationMissingError: If there is none, or it is another team's.
        RoleError: If the actor may only look at it.
        NotRetryableError: If it goes on, succeeded, or others came after it.
    """
    one = _changeable(work, operation, actor)
    if one.state in ACTIVE or one.state is State.SUCCEEDED:
        raise NotRetryableError(one.id, f"it is {one.state}")
    generation = recipes[one.kind].again(work, one)
    running = store.active_on(work, one.resource)
    if running is not None:
        raise OperationRunningError(one.label, running)
    if store.last_on(work, [one.resource])[one.resource].id != one.id:
        raise NotRetryableError(one.id, "there is a newer operation")
    store.reopen(work, one, generation)
    work.emit(OperationRetried(one.label, one.team, one.id))
    return read.operation(work, operation, actor)


def _changeable(work: Work, operation: str, actor: Actor) -> OperationRow:
    one = read.operation(work, operation, actor)
    access.require_role(actor, Role.MEMBER, one.team)
    return one
