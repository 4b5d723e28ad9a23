"""Run a schedule before its time, because somebody wants it."""

from dataclasses import dataclass

from connectory.instances import read as instances
from connectory.instances.crew import Crew
from connectory.instances.rules import InstanceState, InstanceSuspendedError
from connectory.runs.enqueue import enqueue
from connectory.schedules.rules import ScheduleMissingError
from connectory.schedules.tick import request
from connectory.work import Event, Work


@dataclass(frozen=True, slots=True)
class ScheduleRun(Event):
    """Somebody ran a schedule of an instance before its time."""

    instance: str
    schedule: str
    run: str


def run_now(work: Work, crew: Crew, team: str, name: str, schedule: str) -> str:
    """Put a run in line whose planned time is now; return its id.

    Args:
        work: The transaction.
        crew: To find the version that the instance runs.
        team: Of the instance.
        name: Of the instance.
        schedule: Its name; empty where there is only one.

    Raises:
        InstanceMissingError: If there is no such instance.
        InstanceSuspendedError: If its version was quarantined.
        ScheduleMissingError: If it has no such schedule, or it is not clear which one.
        InstanceGoneError: If it is being removed.
    """
    one = instances.instance(work, team, name)
    if one.state is InstanceState.SUSPENDED:
        raise InstanceSuspendedError(one.label)
    manifest = crew.launcher.version_of(work, one).manifest
    known = tuple(each.schedule for each in manifest.triggers if each.schedule)
    wanted = schedule or (known[0] if len(known) == 1 else "")
    if wanted not in known:
        raise ScheduleMissingError(one.label, wanted, known)
    run = enqueue(work, request(one.id, wanted, work.now, is_planned=False))
    work.emit(ScheduleRun(one.label, one.team, one.id, wanted, run))
    return run
