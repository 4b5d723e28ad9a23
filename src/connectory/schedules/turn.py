"""Fire what is due, and keep the rows of schedules as the installed versions want them."""

import dataclasses
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from connectory.instances import read as instances
from connectory.instances.crew import Crew
from connectory.instances.read import Instance
from connectory.instances.rules import InstanceState
from connectory.kernel.clock import rfc3339
from connectory.kernel.errors import ConnectoryError
from connectory.manifest.coming import Coming, coming
from connectory.runs import read as runs
from connectory.runs.enqueue import enqueue
from connectory.schedules import rules, store
from connectory.schedules.rules import Decision, Reason, Schedule
from connectory.schedules.tick import request
from connectory.work import Event, Work

LOG = logging.getLogger("connectory.schedules")
COMPARE_S = 5.0  # between two looks at all instances while this process changes nothing
MEND_S = 60.0
OBSTACLES = {
    InstanceState.RUNNING: None,
    InstanceState.PAUSED: Reason.PAUSED,
    InstanceState.SUSPENDED: Reason.SUSPENDED,
    InstanceState.FAILED: Reason.FAILED,
}
"""States in which an instance has schedules, and why they do not run it."""


@dataclass(frozen=True, slots=True)
class TicksMissed(Event):
    """Nothing could start an instance at the times of its schedule, from `first` to `last`.

    `is_made_up` says whether one run makes up for them.
    """

    instance: str
    schedule: str
    first: str
    last: str
    is_made_up: bool


@dataclass(slots=True)
class Timekeeper:
    """Fires the schedules of a marketplace. Any number may work on one database."""

    crew: Crew
    _known: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Instance -> the digest that it was set up for, and its rows."""
    _mark: object = None
    _compared: float = float("-inf")  # monotonic, like the next
    _mended: float = float("-inf")

    def turn(self) -> None:
        """Set up what was installed, then fire what is due."""
        self._compare()
        self._mend()
        with self.crew.works.read() as work:
            found = store.due(work)
        for each in found:
            with _telling(each.instance), self.crew.works.write() as work:
                fire(work, each)

    def _compare(self) -> None:
        """Mend the rows of instances that were installed, changed or removed meanwhile."""
        mark = self.crew.works.latest.mark
        if mark is self._mark and time.monotonic() - self._compared < COMPARE_S:
            return
        with self.crew.works.read() as work:
            standing = instances.standing(work, frozenset(OBSTACLES))
            rows = store.counted(work)
        for each in rows.keys() - standing.keys():
            with self.crew.works.note() as work:
                _withdraw(work, each)
        known = {}
        for each, digest in standing.items():
            known[each] = (digest, rows.get(each, 0))
            if self._known.get(each) != known[each]:
                with _telling(each), self.crew.works.note() as work:
                    known[each] = (digest, self._set_up(work, each))
        self._known, self._mark, self._compared = known, mark, time.monotonic()

    def _set_up(self, work: Work, instance_id: str) -> int:
        """Give an instance the rows that its version wants; return how many these are.

        Nobody can change it meanwhile.
        """
        stays = instances.takes_runs(work, instance_id)
        one = instances.by_id(work, instance_id) if stays else None
        if one is None or one.state not in OBSTACLES:
            return 0
        manifest = self.crew.launcher.version_of(work, one).manifest
        wanted = {each.name: each for each in coming(manifest, work.now)}
        there = store.of_instance(work, one.id)
        store.remove(work, one.id, there.keys() - wanted.keys())
        for name, each in wanted.items():
            if name in there:
                _adjust(work, there[name], each)
            else:
                store.add(work, _begin(one, each))
        return len(wanted)

    def _mend(self) -> None:
        """Plan those anew that a clock which was far ahead has put off."""
        if time.monotonic() - self._mended < MEND_S:
            return
        self._mended = time.monotonic()
        with self.crew.works.read() as work:
            now = work.now
            waiting = store.waiting(work, now + rules.SKEW)
        found = [one for one in waiting if rules.is_ahead(one, now)]
        for each in found:
            LOG.warning("%s of %s was planned too far ahead", each.name, each.instance)
            with self.crew.works.note() as work:
                store.set_next(work, each, _due(each, each.following(work.now)))


def fire(work: Work, seen: Schedule) -> bool:
    """Do what is due of a schedule; return False, and do nothing, if another process has.

    Raises:
        InstanceGoneError: If its instance is being removed.
    """
    one = instances.by_id(work, seen.instance)
    if one is None or one.state not in OBSTACLES:
        return False
    is_busy = seen.last_run is not None and runs.is_open(work, seen.last_run)
    found = rules.decide(seen, work.now, obstacle=OBSTACLES[one.state], is_busy=is_busy)
    if not store.set_next(work, seen, _due(seen, seen.following(found.tick))):
        return False
    for each in found.skipped:
        store.note_skipped(work, seen, each)
    if one.state is InstanceState.RUNNING:
        _tell_missed(work, one, seen, found)
    if found.is_run:
        run = enqueue(work, request(seen.instance, seen.name, found.tick))
        store.set_last_run(work, seen, run)
    return True


def _tell_missed(work: Work, one: Instance, of: Schedule, found: Decision) -> None:
    """Write into the log which ticks came too late, if any did."""
    missed = [each.last for each in found.skipped if each.reason is Reason.MISSED]
    missed += [found.tick] if found.is_late else []
    if missed:
        event = TicksMissed(
            subject=one.label,
            team=one.team,
            instance=one.id,
            schedule=of.name,
            first=rfc3339(of.due),
            last=rfc3339(missed[-1]),
            is_made_up=found.is_late and found.is_run,
        )
        work.emit(event)


@contextmanager
def _telling(instance_id: str) -> Iterator[None]:
    """Let no instance keep the others from their schedules."""
    try:
        yield
    except ConnectoryError as failure:
        LOG.warning("%s: %s", instance_id, failure.message, extra={"instance": instance_id})


def _withdraw(work: Work, instance_id: str) -> None:
    """Delete the rows of an instance that has no schedules any more, if that is still so."""
    one = instances.by_id(work, instance_id)
    if one is None or one.state not in OBSTACLES:
        store.remove(work, instance_id, store.of_instance(work, instance_id))


def _begin(one: Instance, wanted: Coming) -> Schedule:
    first = wanted.ticks[0]
    new = Schedule(
        instance=one.id,
        name=wanted.name,
        cron=wanted.cron,
        zone=wanted.zone,
        jitter_s=wanted.jitter_s,
        makes_up=wanted.makes_up,
        due=first,
        fires_at=first,
    )
    return _due(new, first)


def _adjust(work: Work, there: Schedule, wanted: Coming) -> None:
    """Take over what another version says about the same schedule; its next tick stays."""
    new = dataclasses.replace(there, jitter_s=wanted.jitter_s, makes_up=wanted.makes_up)
    if new != there:
        store.set_next(work, there, _due(new, there.due))


def _due(one: Schedule, tick: datetime) -> Schedule:
    return dataclasses.replace(one, due=tick, fires_at=one.fires(tick))
