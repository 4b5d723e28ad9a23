"""What other slices and pages may know about operations."""

from collections.abc import Iterable

from connectory.access.rules import Actor, Role
from connectory.operations import store
from connectory.operations.rules import (
    OperationMissingError,
    OperationRow,
    Progress,
    StepRow,
)
from connectory.operations.store import Wanted
from connectory.work import Work

__all__ = ["OperationRow", "StepRow", "Wanted", "last_on", "operation", "operations"]


def operation(work: Work, operation_id: str, actor: Actor) -> OperationRow:
    """Return an operation of one of the actor's teams, with its steps.

    Raises:
        OperationMissingError: If there is none, or it is another team's.
    """
    found = store.operation(work, operation_id)
    if found is None or not actor.has_role(Role.VIEWER, found.team):
        raise OperationMissingError(operation_id)
    return found


def progress(work: Work, operation_id: str) -> Progress | None:
    """Return how far an operation is; None when there is none. Cheap, and checks no right."""
    return store.progress(work, operation_id)


def operations(work: Work, wanted: Wanted) -> list[OperationRow]:
    """Return operations without their steps, newest first; `wanted.teams` is the caller's."""
    return store.operations(work, wanted)


def active_on(work: Work, resource: str) -> str | None:
    """Return the operation that is at work on a resource, if any."""
    return store.active_on(work, resource)


def active_among(work: Work, resources: Iterable[str]) -> frozenset[str]:
    """Return those of the resources that an operation is at work on."""
    return store.active_among(work, resources)


def numbers(work: Work) -> dict[str, int]:
    """Return how many operations wait, and how many are at work."""
    return store.numbers(work)


def last_on(work: Work, resources: Iterable[str]) -> dict[str, OperationRow]:
    """Return the newest operation of each resource, without its steps."""
    return store.last_on(work, resources)
