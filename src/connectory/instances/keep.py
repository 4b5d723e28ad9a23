"""Keep what should run running: start again what its target has lost, after a reboot, say."""

import contextlib
from datetime import datetime, timedelta

from connectory.instances import store
from connectory.instances.change import RECOVER, wish
from connectory.instances.crew import Crew
from connectory.instances.recipes import all_recipes
from connectory.instances.rules import InstanceState
from connectory.instances.store import Instance, Wanted
from connectory.instances.watch import Watch
from connectory.operations import read as operations
from connectory.operations.begin import begin
from connectory.operations.read import OperationRow
from connectory.operations.rules import OperationRunningError, State
from connectory.work import Work

BATCH = 100
PAUSE = timedelta(seconds=60)  # after a recovery that failed
RUNNING = frozenset({InstanceState.RUNNING})


def keep_running(crew: Crew, watch: Watch) -> None:
    """Look at every running instance, and begin to recover those that their target lost.

    It is an operation like any other, so it never races with a removal.
    """
    after = ("", "")
    living: set[str] = set()
    while batch := _running(crew, after):
        living.update(one.id for one in batch)
        for lost in watch.look(batch):
            with crew.works.write() as work:
                _recover(work, crew, lost)
        after = (batch[-1].team, batch[-1].name)
    watch.forget(frozenset(living))


def collect(crew: Crew) -> None:
    """Delete the environments of packages that no instance runs."""
    with crew.works.read() as work:
        keep = store.package_digests(work)
    for target in crew.targets.values():
        target.collect(keep)


def _running(crew: Crew, after: tuple[str, str]) -> list[Instance]:
    with crew.works.read() as work:
        return store.instances(work, Wanted(states=RUNNING, after=after, limit=BATCH))


def _recover(work: Work, crew: Crew, seen: Instance) -> None:
    instance = store.live(work, seen.team, seen.name, lock=True)
    if instance is None or instance.state is not InstanceState.RUNNING:
        return
    last = operations.last_on(work, [instance.id]).get(instance.id)
    if last is None or not _is_recent(last, work.now):
        with contextlib.suppress(OperationRunningError):
            begin(work, wish(RECOVER, instance), all_recipes(crew)[RECOVER])


def _is_recent(last: OperationRow, now: datetime) -> bool:
    """Whether a recovery has just failed; then the next one waits."""
    failed = last.kind == RECOVER and last.state is State.FAILED
    return failed and last.ended_at is not None and now - last.ended_at < PAUSE
