"""What becomes of the ticks of a schedule: which one runs, which do not, and why. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from connectory.kernel.clock import rfc3339
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.manifest.ticks import following, latest

GRACE = timedelta(seconds=60)  # a tick that comes later than this was missed
SKEW = timedelta(minutes=10)  # by which the clocks of two servers may differ
SECOND = timedelta(seconds=1)


class Reason(StrEnum):
    """Why ticks had no run of their own."""

    MISSED = "missed"  # nothing ran that could have started it
    OVERLAP = "overlap"  # the run before had not ended
    PAUSED = "paused"
    SUSPENDED = "suspended"
    FAILED = "failed"  # the instance itself, in an operation


class ScheduleMissingError(ConnectoryError):
    """The instance has no such schedule."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "schedule-missing"

    def __init__(self, label: str, wanted: str, known: tuple[str, ...]) -> None:
        listed = ", ".join(f"`{each}`" for each in known) or "none"
        super().__init__(
            f"{label} has no schedule `{wanted[:80]}`"
            if wanted or not known
            else f"{label} has {len(known)} schedules, and none is named",
            hint=f"name one of its schedules: {listed}",
            field="schedule",
        )


@dataclass(frozen=True, slots=True)
class Schedule:
    """One schedule of an instance. `due` is its next tick, which comes at `fires_at`."""

    instance: str
    name: str  # the cron line and its zone
    cron: str
    zone: str
    jitter_s: int
    makes_up: bool
    due: datetime
    fires_at: datetime
    last_run: str | None = None

    def fires(self, tick: datetime) -> datetime:
        """Return when a tick comes: planned, and delayed by what is its own of the jitter."""
        said = f"{self.instance} {self.name} {rfc3339(tick)}".encode()
        share = int.from_bytes(hashlib.sha256(said).digest()[:8])
        return tick + timedelta(seconds=share % (self.jitter_s + 1))

    def following(self, tick: datetime) -> datetime:
        """Return the tick behind a moment."""
        return following(self.cron, self.zone, tick)

    def latest(self, until: datetime) -> datetime:
        """Return the last tick up to a moment."""
        return latest(self.cron, self.zone, until)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Ticks from `first` to `last` that had no run of their own."""

    first: datetime
    last: datetime
    reason: Reason


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done about the ticks of a schedule that have come, `tick` being the last."""

    tick: datetime
    is_run: bool
    is_late: bool
    skipped: tuple[Skipped, ...] = ()


def decide(
    schedule: Schedule, now: datetime, *, obstacle: Reason | None, is_busy: bool
) -> Decision:
    """Decide about all ticks that have come. The schedule's `fires_at` is not after `now`.

    Args:
        schedule: Whose due tick has come, and perhaps others behind it.
        now: The present.
        obstacle: Why its instance runs nothing, if it does not.
        is_busy: Whether the run before has not ended.
    """
    tick = _last_come(schedule, now)
    is_late = now - schedule.fires(tick) > GRACE
    reason = obstacle or (Reason.MISSED if is_late and not schedule.makes_up else None)
    if reason is not None:
        return Decision(tick, False, is_late, (Skipped(schedule.due, tick, reason),))
    missed = _before(schedule, tick)
    if is_busy:
        skipped = (*missed, Skipped(tick, tick, Reason.OVERLAP))
        return Decision(tick, False, is_late, skipped)
    return Decision(tick, True, is_late, missed)


def is_ahead(schedule: Schedule, now: datetime) -> bool:
    """Whether a row leaves out ticks that are still to come: the clock has gone back."""
    return schedule.following(now + SKEW) < schedule.due


def _last_come(schedule: Schedule, now: datetime) -> datetime:
    tick = schedule.latest(now)
    while tick > schedule.due and schedule.fires(tick) > now:
        tick = schedule.latest(tick - SECOND)
    return max(tick, schedule.due)


def _before(schedule: Schedule, tick: datetime) -> tuple[Skipped, ...]:
    """Return the ticks that came before the last one and were not run."""
    if tick == schedule.due:
        return ()
    return (Skipped(schedule.due, schedule.latest(tick - SECOND), Reason.MISSED),)
