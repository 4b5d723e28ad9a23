"""Watch how running instances are doing: keep it, and tell when it changes."""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

from connectory.backends.targets import Observed, Phase, Target
from connectory.instances import health_store, store
from connectory.instances.crew import Crew
from connectory.instances.health import MOST_REASON, Health, HealthWord, Probe, Trail
from connectory.instances.rules import InstanceState
from connectory.instances.store import Instance
from connectory.kernel.errors import ConnectoryError
from connectory.operations import read as operations
from connectory.work import Event, Work

LOG = logging.getLogger("connectory.watch")
ASKERS = 8  # instances that are asked at the same time, however many there are
ANSWER_S = 2.0
EVERY = timedelta(seconds=30)  # between two questions to one that is well
GOOD = HTTPStatus.BAD_REQUEST  # answers below are


@dataclass(frozen=True, slots=True)
class InstanceHealthChanged(Event):
    """An instance is doing better or worse than before, and has been for long enough to tell.

    `before` and `status` are healthy, degraded, failing or unknown; `before` is empty when
    nothing was known. A crash loop is one such change.
    """

    instance: str
    before: str
    status: str
    reason: str


@dataclass(slots=True)
class Watch:
    """What is known of the running instances of one server; `clock` says what time it is.

    Looking at the target is fast and happens in each pass. Asking the connector may take long,
    so a few threads do it for all, and the next pass reads what they heard.
    """

    crew: Crew
    clock: Callable[[], datetime]
    _trails: dict[str, tuple[int, Trail]] = field(default_factory=dict)
    _asked: dict[str, Future[Probe]] = field(default_factory=dict)
    _askers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(ASKERS, "asker")
    )

    def look(self, instances: Iterable[Instance]) -> list[Instance]:
        """Look at running instances; return those that their target does not have."""
        found = list(instances)
        self._recall(found)
        changed: list[tuple[Instance, Health]] = []
        lost = []
        for one in found:
            seen = self._seen(one)
            if seen is None:
                continue
            if seen.phase is Phase.ABSENT:
                lost.append(one)
            new = self._follow(one, seen)
            if new is not None:
                changed.append((one, new))
        if changed:
            self._keep(changed)
        return lost

    def note_errors(self, instance: str, reason: str) -> None:
        """Take in why an instance that answers is degraded; empty if it is not."""
        if instance in self._trails:
            self._trails[instance][1].errors = reason

    def forget(self, living: frozenset[str]) -> None:
        """Forget all instances but these."""
        for gone in self._trails.keys() - living:
            del self._trails[gone]
            self._asked.pop(gone, None)

    def stop(self) -> None:
        """Ask nobody any more; do not wait for those who are being asked."""
        self._askers.shutdown(wait=False, cancel_futures=True)

    def _recall(self, found: list[Instance]) -> None:
        """Begin where an earlier server left off with instances that are new to this one."""
        new = [one for one in found if one.id not in self._trails]
        if not new:
            return
        with self.crew.works.read() as work:
            kept = health_store.kept(work, [one.id for one in new])
        for one in new:
            generation, health = kept.get(one.id, (one.generation, None))
            self._trails[one.id] = generation, Trail(health)

    def _seen(self, one: Instance) -> Observed | None:
        """Look at an instance; a target that cannot say holds up no other instance."""
        try:
            return self.crew.target(one).observe(one.id)
        except ConnectoryError as failure:
            LOG.warning("%s: %s", one.label, failure.message, extra={"instance": one.id})
            return None

    def _follow(self, one: Instance, seen: Observed) -> Health | None:
        generation, trail = self._trails[one.id]
        if generation != one.generation:  # other code: what was seen before says nothing of it
            trail = Trail()
            self._trails[one.id] = one.generation, trail
        self._ask(one, trail, seen)
        return trail.follow(seen, self.clock())

    def _ask(self, one: Instance, trail: Trail, seen: Observed) -> None:
        """Take in an answer that is there, and ask again when it is time."""
        asked = self._asked.get(one.id)
        if asked is not None and asked.done():
            del self._asked[one.id]
            told = asked.result()
            before = trail.probe.failed if trail.probe is not None else 0
            trail.probe = Probe(told.at, told.reason, before + 1 if told.failed else 0)
        elif asked is None and seen.phase is Phase.RUNNING and self._is_due(trail, seen):
            target = self.crew.target(one)
            self._asked[one.id] = self._askers.submit(asks, target, one.id, self.clock)

    def _is_due(self, trail: Trail, seen: Observed) -> bool:
        last = trail.probe
        if last is None or last.failed or (seen.since is not None and last.at < seen.since):
            return True
        return self.clock() - last.at >= EVERY

    def _keep(self, changed: list[tuple[Instance, Health]]) -> None:
        with self.crew.works.write() as work:
            for one, health in changed:
                self._note(work, one, health)

    def _note(self, work: Work, one: Instance, health: Health) -> None:
        """Store the new health, unless somebody is changing the instance on purpose."""
        now = store.by_id(work, one.id)
        is_same = now is not None and now.generation == one.generation
        is_running = now is not None and now.state is InstanceState.RUNNING
        if not is_same or not is_running or operations.active_on(work, one.id):
            del self._trails[one.id]
            return
        _, last = health_store.kept(work, [one.id]).get(one.id, (0, None))
        health_store.keep(work, one.id, one.generation, health)
        before = last.status if last is not None else ""
        if health.status == before or (not before and health.status is HealthWord.HEALTHY):
            return
        work.emit(
            InstanceHealthChanged(
                one.label, one.team, one.id, before, health.status, health.reason
            )
        )


def asks(target: Target, instance: str, clock: Callable[[], datetime]) -> Probe:
    """Ask an instance how it is; silence is an answer, too."""
    try:
        answer = target.call(instance, "GET", "/healthz", within_s=ANSWER_S)
    except ConnectoryError as silence:
        return Probe(clock(), silence.message, 1)
    if answer.status < GOOD:
        return Probe(clock())
    said = answer.body[:MOST_REASON].decode("utf-8", "replace")
    return Probe(clock(), said or f"it answers {answer.status}", 1)
