"""Write an operation into the journal, in the transaction of the change that wants it."""

import dataclasses
from dataclasses import dataclass

from connectory.kernel.ids import new_id
from connectory.operations import store
from connectory.operations.rules import Operation, OperationRunningError, Recipe
from connectory.work import Event, Work


@dataclass(frozen=True, slots=True)
class OperationBegun(Event):
    """An operation waits for a worker from now on."""

    operation: str
    kind_of_operation: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What an operation should do: its kind, and the one thing that it works on."""

    kind: str
    resource: str
    label: str
    team: str
    generation: int


def begin(work: Work, wish: Wish, recipe: Recipe) -> str:
    """Journal a waiting operation and return its id.

    Raises:
        OperationRunningError: If another operation is at work on the same resource.
    """
    running = store.active_on(work, wish.resource)
    if running is not None:
        raise OperationRunningError(wish.label, running)
    new = Operation(
        id=new_id("op"),
        by=work.origin.actor,
        fence=0,
        is_undoing=False,
        tries=0,
        **dataclasses.asdict(wish),
    )
    store.add(work, new, [(step.name, step.title) for step in recipe.steps])
    work.emit(
        OperationBegun(
            subject=wish.label,
            team=wish.team,
            operation=new.id,
            kind_of_operation=wish.kind,
        )
    )
    return new.id
