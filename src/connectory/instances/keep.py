"""Keep what should run running: start again what its target has lost, after a reboot, say."""

import contextlib
import logging
from datetime import datetime, timedelta

from connectory.backends.targets import Phase
from connectory.instances import store
from connectory.instances.change import RECOVER, wish
from connectory.instances.crew import Crew
from connectory.instances.recipes import all_recipes
from connectory.instances.rules import InstanceState
from connectory.instances.store import Instance, Wanted
from connectory.kernel.errors import ConnectoryError
from connectory.operations import read as operations
from connectory.operations.begin import begin
from connectory.operations.read import OperationRow
from connectory.operations.rules import OperationRunningError, State
from connectory.work import Work

LOG = logging.getLogger("connectory.keeper")
BATCH = 100
PAUSE = timedelta(seconds=60)  # after a recovery that failed
RUNNING = frozenset({InstanceState.RUNNING})


def keep_running(crew: Crew) -> None:
    """Begin to recover every running instance that its target does not have.

    It is an operation like any other, so it never races with a removal.
    """
    after = ("", "")
    while batch := _running(crew, after):
        for instance in batch:
            if _is_lost(crew, instance):
                with crew.works.write() as work:
                    _recover(work, crew, instance)
        after = (batch[-1].team, batch[-1].name)


def _is_lost(crew: Crew, instance: Instance) -> bool:
    """Whether its target does not have it; one that cannot be asked holds up no other."""
    try:
        return crew.targets[instance.target].observe(instance.id).phase is Phase.ABSENT
    except ConnectoryError as failure:
        LOG.warning("%s: %s", instance.label, failure.message, extra={"instance": instance.id})
        return False


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
