"""What pages, routes and other slices may know about runs."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from connectory.backends.targets import LogLine, Target
from connectory.instances.read import Instance
from connectory.runs import store
from connectory.runs.rules import Request, RunMissingError, RunRow, RunState
from connectory.runs.store import Wanted
from connectory.work import Work

MOST_LINES = 200  # of the log of one run

__all__ = ["RunRow", "Wanted", "counts", "dead_letters", "log_of", "run", "runs"]


def run(work: Work, instance: Instance, run_id: str) -> RunRow:
    """Return a run of an instance.

    Raises:
        RunMissingError: If it has no such run.
    """
    found = store.run(work, instance.id, run_id)
    if found is None:
        raise RunMissingError(run_id, instance.label)
    return found


def is_open(work: Work, run_id: str) -> bool:
    """Whether a run has not ended: it waits, is being delivered, or will be tried again."""
    return store.is_open(work, run_id)


def input_of(work: Work, one: RunRow) -> Request:
    """Return what went into a run."""
    return store.wanted_by(work, one)


def runs(work: Work, wanted: Wanted) -> list[RunRow]:
    """Return runs of an instance, newest first."""
    return store.runs(work, wanted)


def counts(
    work: Work, instances: Iterable[str], since: datetime
) -> Mapping[str, Mapping[RunState, int]]:
    """Return how many runs of each instance, created since then, are in which state.

    What an instance has none of is absent.
    """
    return store.counts(work, instances, since)


def dead_letters(work: Work, instance: Instance) -> int:
    """Return how many events an instance could not process and nobody has dealt with."""
    return store.dead_letters(work, instance.id)


def log_of(target: Target, one: RunRow) -> tuple[LogLine, ...]:
    """Return what an instance logged during the last attempt of a run.

    Lines of the SDK say which run they belong to; those of other runs are left out.
    """
    if one.log_from is None or one.log_to is None:
        return ()
    lines = target.logs(one.instance, after=one.log_from, limit=MOST_LINES)
    return tuple(
        line
        for line in lines
        if line.offset <= one.log_to and line.facts.get("run", one.id) == one.id
    )
