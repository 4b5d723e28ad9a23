"""The steps of pause, resume and restart."""

from dataclasses import dataclass

from connectory.instances import again, reversing, store
from connectory.instances.change import PAUSE, RESTART, RESUME
from connectory.instances.crew import Crew
from connectory.instances.rules import InstanceState
from connectory.operations.rules import Operation, Recipe, Recipes, State, Step
from connectory.work import Event, Work


@dataclass(frozen=True, slots=True)
class InstancePaused(Event):
    """An instance was stopped and keeps its files; what comes in waits."""

    instance: str


@dataclass(frozen=True, slots=True)
class InstanceResumed(Event):
    """An instance that was paused or suspended runs again and was seen healthy."""

    instance: str


@dataclass(frozen=True, slots=True)
class InstanceRestarted(Event):
    """The process of an instance was replaced by a new one, which was seen healthy."""

    instance: str


def recipes(crew: Crew) -> Recipes:
    """Return how to pause, resume and restart an instance."""
    prepare = Step("environment", "Build the environment", crew.prepare)
    start = Step("start", "Start the process", crew.start)
    verify = Step("verify", "Wait until it is healthy", crew.wait_until_healthy)
    return {
        PAUSE: Recipe(
            steps=(Step("stop", "Stop the process", crew.stop, crew.start),),
            finish=_finish_pause,
            again=again.as_it_is,
            reverse=reversing.pause,
        ),
        RESUME: Recipe(
            steps=(prepare, Step("start", start.title, crew.start, crew.stop), verify),
            finish=_finish_resume,
            again=again.as_it_is,
            reverse=reversing.resume,
        ),
        RESTART: Recipe(
            steps=(Step("stop", "Stop the process", crew.stop), start, verify),
            finish=_finish_restart,
            again=again.as_it_is,
            undoes=False,
        ),
    }


def _finish_pause(work: Work, held: Operation, state: State) -> None:
    ends = {State.SUCCEEDED: InstanceState.PAUSED, State.UNDONE: InstanceState.RUNNING}
    store.set_state(work, held.resource, ends.get(state, InstanceState.FAILED))
    if state is State.SUCCEEDED:
        work.emit(InstancePaused(held.label, held.team, held.resource))


def _finish_resume(work: Work, held: Operation, state: State) -> None:
    if state is State.FAILED:
        store.set_state(work, held.resource, InstanceState.FAILED)
    if state is State.SUCCEEDED:  # else it is paused, or suspended, as before
        store.set_state(work, held.resource, InstanceState.RUNNING)
        work.emit(InstanceResumed(held.label, held.team, held.resource))


def _finish_restart(work: Work, held: Operation, state: State) -> None:
    if state is State.SUCCEEDED:
        work.emit(InstanceRestarted(held.label, held.team, held.resource))
