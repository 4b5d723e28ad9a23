"""The journal and its workers: leases, fences, undoing, on both databases."""

import dataclasses
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from connectory.kernel import clock
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.operations import begin, store
from connectory.operations.engine import Engine
from connectory.operations.rules import (
    Done,
    LeaseLostError,
    Operation,
    OperationRow,
    Recipe,
    State,
    Step,
)
from connectory.work import Work, Works, log

LEASE = timedelta(seconds=30)
WISH = begin.Wish("bake", "inst_CAKE", "team/cake", "team", 1)


class BurntError(ConnectoryError):
    kind = Kind.FAILED
    code = "burnt"

    def __init__(self, said: str) -> None:
        super().__init__(said, hint="bake it again")


class Kitchen:
    """A recipe whose steps write down what was done; `burns` names the step that fails."""

    def __init__(self, *, burns: str = "", said: str = "it is black") -> None:
        self.done: list[str] = []
        self.ends: list[State] = []
        self.burns = burns
        self.said = said
        steps = tuple(self._step(name) for name in ("mix", "bake", "eat"))
        self.recipe = Recipe(steps, finish=self._finish, again=lambda _, one: one.generation)

    def _step(self, name: str) -> Step:
        return Step(name, name, lambda _: self._do(name), lambda _: self._undo(name))

    def _do(self, name: str) -> Done:
        self.done.append(name)
        if name == self.burns:
            raise BurntError(self.said)
        return Done(self.said)

    def _undo(self, name: str) -> Done:
        self.done.append(f"un{name}")
        return Done("gone")

    def _finish(self, work: Work, held: Operation, state: State) -> None:  # noqa: ARG002
        self.ends.append(state)


def begun(works: Works, kitchen: Kitchen) -> str:
    with works.write() as work:
        return begin.begin(work, WISH, kitchen.recipe)


def engine_of(works: Works, kitchen: Kitchen) -> Engine:
    return Engine(works, {"bake": kitchen.recipe}, LEASE)


def claimed(works: Works, lease: timedelta = LEASE) -> Operation | None:
    with works.write() as work:
        return store.claim(work, "another worker", lease)


def found(works: Works, operation: str) -> OperationRow:
    with works.read() as work:
        row = store.operation(work, operation)
    assert row is not None
    return row


def errors_of_the_end(works: Works) -> list[object]:
    with works.write() as work:
        ended = select(log.EVENTS).where(log.EVENTS.c.kind == "OperationFinished")
        return [row.facts["error"] for row in log.rows(work.db, ended)]


def test_all_steps_are_done_in_order_and_once(works: Works) -> None:
    kitchen = Kitchen()
    operation = begun(works, kitchen)

    engine_of(works, kitchen).turn()
    engine_of(works, kitchen).turn()

    assert kitchen.done == ["mix", "bake", "eat"]
    assert kitchen.ends == [State.SUCCEEDED]
    assert found(works, operation).state is State.SUCCEEDED


def test_a_failing_step_and_those_before_it_are_undone_and_no_others(works: Works) -> None:
    kitchen = Kitchen(burns="bake")
    operation = begun(works, kitchen)

    engine_of(works, kitchen).turn()

    assert kitchen.done == ["mix", "bake", "unbake", "unmix"]
    states = [step.state for step in found(works, operation).steps]
    assert states == ["undone", "undone", "waiting"]


def test_an_undone_operation_says_in_its_last_event_why(works: Works) -> None:
    kitchen = Kitchen(burns="bake")
    begun(works, kitchen)

    engine_of(works, kitchen).turn()

    assert errors_of_the_end(works) == ["burnt"]


def test_a_worker_that_died_before_its_first_step_is_replaced(works: Works) -> None:
    kitchen = Kitchen()
    operation = begun(works, kitchen)
    claimed(works, timedelta(seconds=-1))

    engine_of(works, kitchen).turn()

    assert found(works, operation).state is State.SUCCEEDED


def test_an_operation_that_a_living_worker_has_is_left_to_it(works: Works) -> None:
    kitchen = Kitchen()
    begun(works, kitchen)
    claimed(works)

    engine_of(works, kitchen).turn()

    assert kitchen.done == []


def test_a_worker_that_was_replaced_can_write_nothing(works: Works) -> None:
    operation = begun(works, Kitchen())
    asleep = claimed(works, timedelta(seconds=-1))
    claimed(works)
    before = found(works, operation)

    assert asleep is not None
    with pytest.raises(LeaseLostError), works.write() as work:
        store.start_step(work, asleep, "mix")

    assert found(works, operation) == before


def test_a_kept_lease_is_no_news_and_does_not_touch_the_fence(works: Works) -> None:
    operation = begun(works, Kitchen())
    held = claimed(works)
    before = found(works, operation).revision
    assert held is not None

    with works.write() as work:
        store.extend(work, held, LEASE)

    assert found(works, operation).revision == before
    with works.write() as work:
        store.start_step(work, held, "mix")


def test_a_late_heartbeat_does_not_touch_an_operation_that_has_ended(works: Works) -> None:
    operation = begun(works, Kitchen())
    held = claimed(works)
    assert held is not None
    with works.write() as work:
        store.end(work, held, State.SUCCEEDED, None)

    with works.write() as work:
        store.extend(work, held, LEASE)
        lease = work.db.execute(select(store.OPERATIONS.c.lease_until)).scalar()

    assert lease is None
    assert found(works, operation).state is State.SUCCEEDED


def test_nothing_is_begun_once_the_server_stops(works: Works) -> None:
    kitchen = Kitchen()
    begun(works, kitchen)
    engine = engine_of(works, kitchen)
    engine.stopping.set()

    engine.turn()

    assert kitchen.done == []


@pytest.mark.parametrize("said", ["a \0 zero", "half \ud83d of one"])
@pytest.mark.parametrize("burns", ["", "bake"])
def test_what_a_connector_says_cannot_keep_an_operation_from_ending(
    works: Works, said: str, burns: str
) -> None:
    kitchen = Kitchen(burns=burns, said=said)
    operation = begun(works, kitchen)

    engine_of(works, kitchen).turn()

    assert found(works, operation).ended_at is not None


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_server_whose_clock_is_ahead_takes_no_operation_away(works: Works) -> None:
    kitchen = Kitchen()
    begun(works, kitchen)
    claimed(works)

    engine_of(dataclasses.replace(works, clock=_in_an_hour), kitchen).turn()

    assert kitchen.done == []


def _in_an_hour() -> datetime:
    return clock.now() + timedelta(hours=1)


def test_the_newest_operation_of_a_resource_is_its_last(works: Works) -> None:
    kitchen = Kitchen()
    begun(works, kitchen)
    engine_of(works, kitchen).turn()
    newest = begun(works, kitchen)

    with works.read() as work:
        last = store.last_on(work, [WISH.resource, "inst_NONE"])

    assert {resource: one.id for resource, one in last.items()} == {WISH.resource: newest}
