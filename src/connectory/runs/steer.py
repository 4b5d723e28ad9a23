"""What people do with runs: run again, redeliver, discard."""

from dataclasses import dataclass

from connectory.instances.read import Instance
from connectory.runs import read, store
from connectory.runs.enqueue import enqueue
from connectory.runs.rules import (
    DEAD_LETTERS,
    RunMissingError,
    RunRow,
    RunState,
    RunStateError,
)
from connectory.work import Event, Work

DISCARDABLE = DEAD_LETTERS | {RunState.WAITING, RunState.FAILED}


@dataclass(frozen=True, slots=True)
class RunRepeated(Event):
    """Somebody ran a connector again with the input of an earlier run."""

    instance: str
    run: str
    again_of: str


@dataclass(frozen=True, slots=True)
class RunsRedelivered(Event):
    """Somebody let dead letters of an instance be delivered again; `run` is empty for all."""

    instance: str
    run: str
    number: int


@dataclass(frozen=True, slots=True)
class RunDiscarded(Event):
    """Somebody called off a run that waited, or gave up a dead letter."""

    instance: str
    run: str


def again(work: Work, instance: Instance, run_id: str) -> RunRow:
    """Add a run with the input of another one.

    Raises:
        RunMissingError: If the instance has no such run.
        InstanceGoneError: If the instance is being removed.
    """
    earlier = read.run(work, instance, run_id)
    wanted = store.wanted_by(work, earlier)
    new = enqueue(work, wanted, again_of=earlier.id)
    work.emit(RunRepeated(instance.label, instance.team, instance.id, new, earlier.id))
    return read.run(work, instance, new)


def redeliver(work: Work, instance: Instance, run_id: str) -> RunRow:
    """Let a dead letter be delivered again, with all its attempts.

    Raises:
        RunMissingError: If the instance has no such run.
        RunStateError: If it is no dead letter.
    """
    found = _locked(work, instance, run_id)
    if store.reopen(work, instance.id, [run_id]) == 0:
        raise RunStateError(run_id, found.state, "redelivered")
    work.emit(RunsRedelivered(instance.label, instance.team, instance.id, run_id, 1))
    return read.run(work, instance, run_id)


def redeliver_all(work: Work, instance: Instance) -> int:
    """Let all dead letters of an instance be delivered again; return how many they are."""
    number = store.reopen(work, instance.id)
    if number:
        work.emit(RunsRedelivered(instance.label, instance.team, instance.id, "", number))
    return number


def discard(work: Work, instance: Instance, run_id: str) -> RunRow:
    """Call off a run that waits, or give up a dead letter.

    Raises:
        RunMissingError: If the instance has no such run.
        RunStateError: If it is being delivered or has ended otherwise.
    """
    found = _locked(work, instance, run_id)
    if found.state not in DISCARDABLE:
        raise RunStateError(run_id, found.state, "discarded")
    store.cancel(work, run_id)
    work.emit(RunDiscarded(instance.label, instance.team, instance.id, run_id))
    return read.run(work, instance, run_id)


def _locked(work: Work, instance: Instance, run_id: str) -> RunRow:
    found = store.run(work, instance.id, run_id, lock=True)
    if found is None:
        raise RunMissingError(run_id, instance.label)
    return found
