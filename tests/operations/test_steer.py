"""Cancelling and trying again, on both databases."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from connectory.access.rules import Actor, Role, RoleError
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.operations import begin, steer, store
from connectory.operations.engine import Engine
from connectory.operations.rules import (
    Done,
    NotCancellableError,
    NotRetryableError,
    Operation,
    OperationEndedError,
    OperationRow,
    Recipe,
    State,
    Step,
)
from connectory.work import Work, Works

MAX = Actor("max", teams={"team": Role.MEMBER}, via="test")
VIC = Actor("vic", teams={"team": Role.VIEWER}, via="test")
WISH = begin.Wish("bake", "inst_CAKE", "team/cake", "team", 1)
LEASE = timedelta(seconds=30)


class BurntError(ConnectoryError):
    kind = Kind.FAILED
    code = "burnt-again"


class Kitchen:
    """Steps that write down what was done; before each of them `before` is called."""

    def __init__(self, *, undoes: bool = True) -> None:
        self.done: list[str] = []
        self.ends: list[State] = []
        self.before: Callable[[str], None] = lambda _: None
        steps = tuple(self._step(name) for name in ("mix", "bake", "eat"))
        self.recipe = Recipe(steps, self._finish, self._again, undoes=undoes)
        self.recipes = {"bake": self.recipe}

    def _step(self, name: str) -> Step:
        return Step(name, name, lambda _: self._do(name), lambda _: self._do(f"un{name}"))

    def _do(self, name: str) -> Done:
        self.before(name)
        self.done.append(name)
        return Done(name)

    def _finish(self, work: Work, held: Operation, state: State) -> None:  # noqa: ARG002
        self.ends.append(state)

    def _again(self, work: Work, one: OperationRow) -> int:  # noqa: ARG002
        return one.generation + 1


def burn(at: str) -> Callable[[str], None]:
    def burning(name: str) -> None:
        if name == at:
            raise BurntError("it is black", hint="bake it again")

    return burning


def begun(works: Works, kitchen: Kitchen) -> str:
    with works.write() as work:
        return begin.begin(work, WISH, kitchen.recipe)


def turn(works: Works, kitchen: Kitchen) -> None:
    Engine(works, kitchen.recipes, LEASE).turn()


def cancel(works: Works, kitchen: Kitchen, operation: str) -> OperationRow:
    with works.write() as work:
        return steer.cancel(work, operation, MAX, kitchen.recipes)


def retry(works: Works, kitchen: Kitchen, operation: str) -> OperationRow:
    with works.write() as work:
        return steer.retry(work, operation, MAX, kitchen.recipes)


def found(works: Works, operation: str) -> OperationRow:
    with works.read() as work:
        row = store.operation(work, operation)
    assert row is not None
    return row


def test_a_cancelled_operation_is_undone_after_its_present_step(works: Works) -> None:
    kitchen = Kitchen()
    operation = begun(works, kitchen)

    def cancel_while_baking(name: str) -> None:
        if name == "bake":
            cancel(works, kitchen, operation)

    kitchen.before = cancel_while_baking
    turn(works, kitchen)

    assert kitchen.done == ["mix", "bake", "unbake", "unmix"]
    assert kitchen.ends == [State.UNDONE]
    ended = found(works, operation)
    assert (ended.state, (ended.error or {})["code"]) == ("cancelled", "operation-cancelled")


def test_one_that_waits_is_cancelled_without_doing_anything(works: Works) -> None:
    kitchen = Kitchen()
    operation = begun(works, kitchen)

    cancel(works, kitchen, operation)
    cancel(works, kitchen, operation)
    turn(works, kitchen)

    assert kitchen.done == []
    assert found(works, operation).state is State.CANCELLED


def test_what_has_ended_cannot_be_cancelled(works: Works) -> None:
    kitchen = Kitchen()
    operation = begun(works, kitchen)
    turn(works, kitchen)

    with pytest.raises(OperationEndedError):
        cancel(works, kitchen, operation)


def test_what_cannot_be_undone_cannot_be_cancelled(works: Works) -> None:
    kitchen = Kitchen(undoes=False)
    operation = begun(works, kitchen)

    with pytest.raises(NotCancellableError):
        cancel(works, kitchen, operation)


def test_who_may_only_look_cannot_cancel(works: Works) -> None:
    kitchen = Kitchen()
    operation = begun(works, kitchen)

    with works.write() as work, pytest.raises(RoleError):
        steer.cancel(work, operation, VIC, kitchen.recipes)


def test_a_failed_operation_goes_on_from_its_failed_step(works: Works) -> None:
    kitchen = Kitchen(undoes=False)
    kitchen.before = burn("bake")
    operation = begun(works, kitchen)
    turn(works, kitchen)

    kitchen.before = lambda _: None
    retry(works, kitchen, operation)
    turn(works, kitchen)

    assert kitchen.done == ["mix", "bake", "eat"]
    ended = found(works, operation)
    assert (ended.state, ended.error) == (State.SUCCEEDED, None)
    assert [step.tries for step in ended.steps] == [1, 2, 1]


def test_an_undone_operation_begins_anew_with_the_present_generation(works: Works) -> None:
    kitchen = Kitchen()
    kitchen.before = burn("bake")
    operation = begun(works, kitchen)
    turn(works, kitchen)

    kitchen.before = lambda _: None
    retry(works, kitchen, operation)
    turn(works, kitchen)

    assert kitchen.done == ["mix", "unbake", "unmix", "mix", "bake", "eat"]
    ended = found(works, operation)
    assert (ended.state, ended.generation) == (State.SUCCEEDED, 2)


def test_what_succeeded_or_goes_on_is_not_tried_again(works: Works) -> None:
    kitchen = Kitchen()
    operation = begun(works, kitchen)

    with pytest.raises(NotRetryableError):
        retry(works, kitchen, operation)
    turn(works, kitchen)
    with pytest.raises(NotRetryableError):
        retry(works, kitchen, operation)


def test_only_the_newest_operation_is_tried_again(works: Works) -> None:
    kitchen = Kitchen()
    kitchen.before = burn("bake")
    older = begun(works, kitchen)
    turn(works, kitchen)
    begun(works, kitchen)
    turn(works, kitchen)

    with pytest.raises(NotRetryableError):
        retry(works, kitchen, older)


def test_steps_are_found_by_their_name_when_a_release_changes_their_order(
    works: Works,
) -> None:
    kitchen = Kitchen(undoes=False)
    kitchen.before = burn("bake")
    operation = begun(works, kitchen)
    turn(works, kitchen)

    kitchen.before = lambda _: None
    mix, bake, eat = kitchen.recipe.steps
    kitchen.recipes = {
        "bake": Recipe((bake, mix, eat), kitchen._finish, kitchen._again, undoes=False)
    }
    retry(works, kitchen, operation)
    turn(works, kitchen)

    assert kitchen.done == ["mix", "bake", "eat"]
