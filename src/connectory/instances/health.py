"""How an instance is doing, and which changes of that are worth telling. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from connectory.backends.targets import Observed, Phase
from connectory.instances.rules import InstanceState

CALM = timedelta(seconds=10)  # to be better before it is believed; each relapse doubles it
LONGEST_CALM = timedelta(minutes=10)
MEMORY = timedelta(minutes=30)  # for which a relapse counts
LOOP, LOOP_TIME = 3, timedelta(minutes=10)  # restarts that are called a crash loop
MOST_REASON = 300  # characters


class HealthWord(StrEnum):
    """How an instance is doing. Unknown is not healthy."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    FAILING = "failing"
    STARTING = "starting"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    UNKNOWN = "unknown"


BADNESS: Mapping[HealthWord, int] = {
    HealthWord.HEALTHY: 0,
    HealthWord.STARTING: 1,
    HealthWord.PAUSED: 1,
    HealthWord.SUSPENDED: 1,
    HealthWord.DEGRADED: 2,
    HealthWord.UNKNOWN: 3,
    HealthWord.FAILING: 4,
}


SILENT = frozenset({HealthWord.PAUSED, HealthWord.SUSPENDED, HealthWord.STARTING})
"""How an instance is doing that says nothing yet, whatever was known of it before."""

STILL = {
    InstanceState.PAUSED: HealthWord.PAUSED,
    InstanceState.SUSPENDED: HealthWord.SUSPENDED,
}
"""States in which an instance has no process on purpose."""


@dataclass(frozen=True, slots=True)
class Health:
    """How an instance is doing, since when, why, and how often it was started again."""

    status: HealthWord
    since: datetime | None
    reason: str
    restarts: int


@dataclass(frozen=True, slots=True)
class Probe:
    """What an instance said when it was asked how it is; `reason` is empty if it is well.

    `failed` counts the answers in a row that were none, or not good.
    """

    at: datetime
    reason: str = ""
    failed: int = 0


@dataclass(slots=True)
class Trail:
    """What was seen of one generation of an instance: damps what comes and goes.

    What is worse counts at once. What is better counts when it has lasted for a while, which
    doubles with each relapse: a crash loop is one change, whatever its rhythm.
    """

    kept: Health | None = None
    probe: Probe | None = None
    errors: str = ""  # why it is degraded: told by whoever counts its runs
    _restarts: int | None = None
    _starts: list[datetime] = field(default_factory=list)
    _relapses: list[datetime] = field(default_factory=list)
    _better_since: datetime | None = None

    def follow(self, seen: Observed, now: datetime) -> Health | None:
        """Return the health to keep if it changed by what is seen now."""
        self._count(seen, now)
        judged = self._judge(seen, now)
        if judged is None or not self._counts(judged, now):
            return None
        self.kept = judged
        return judged

    def _count(self, seen: Observed, now: datetime) -> None:
        before, self._restarts = self._restarts, seen.restarts
        if before is not None and seen.restarts > before:
            self._starts += [now] * min(seen.restarts - before, LOOP)
        self._starts = [at for at in self._starts if now - at < LOOP_TIME]
        self._relapses = [at for at in self._relapses if now - at < MEMORY]

    def _judge(self, seen: Observed, now: datetime) -> Health | None:
        """Return how it is doing; None while that cannot be said."""
        if seen.phase is Phase.ABSENT:
            return self._verdict(HealthWord.UNKNOWN, seen, seen.reason, now)
        if seen.phase in {Phase.BACKING_OFF, Phase.STOPPED} or self._has_just_crashed(now):
            return self._verdict(HealthWord.FAILING, seen, self._crashed(seen), now)
        if seen.phase is Phase.STARTING or not self._is_of(seen):
            return None
        probe = self.probe
        if probe is not None and probe.failed > 1:
            return self._verdict(HealthWord.FAILING, seen, probe.reason, now)
        if probe is None or probe.failed:
            return None  # it is asked once more
        word = HealthWord.DEGRADED if self.errors else HealthWord.HEALTHY
        return self._verdict(word, seen, self.errors, now)

    def _verdict(self, word: HealthWord, seen: Observed, reason: str, now: datetime) -> Health:
        is_same = self.kept is not None and self.kept.status is word
        since = self.kept.since if self.kept is not None and is_same else now
        return Health(word, since, reason[:MOST_REASON], seen.restarts)

    def _has_just_crashed(self, now: datetime) -> bool:
        return bool(self._starts) and self._starts[-1] == now

    def _is_of(self, seen: Observed) -> bool:
        """Whether the instance was asked since its process began."""
        return self.probe is not None and (seen.since is None or self.probe.at >= seen.since)

    def _crashed(self, seen: Observed) -> str:
        ended = seen.reason or f"it ended with exit code {seen.last_exit} and was started again"
        if len(self._starts) < LOOP:
            return ended
        minutes = LOOP_TIME.seconds // 60
        return f"crash loop, {len(self._starts)} restarts in {minutes} minutes: {ended}"

    def _counts(self, judged: Health, now: datetime) -> bool:
        kept = self.kept
        if kept is None:
            return True
        if BADNESS[judged.status] >= BADNESS[kept.status]:
            self._better_since = None
            if judged.status is kept.status:
                return judged.reason != kept.reason
            self._relapses.append(now)
            return True
        self._better_since = self._better_since or now
        return now - self._better_since >= self._calm()

    def _calm(self) -> timedelta:
        doublings = min(max(0, len(self._relapses) - 1), 10)
        return min(CALM * (1 << doublings), LONGEST_CALM)


def worse(live: Health, kept: Health | None) -> Health:
    """Return what to show of what is seen now and what was kept: good news are no news yet."""
    if kept is None or live.status in SILENT:
        return live
    if BADNESS[kept.status] > BADNESS[live.status]:
        return replace(kept, restarts=live.restarts)
    return replace(live, since=kept.since) if kept.status is live.status else live
