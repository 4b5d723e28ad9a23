"""The moments that a schedule names, its ticks. Pure; all moments are aware and in UTC.

A schedule speaks of the clock on the wall of its time zone. Where that clock is put forward, a
tick that it leaps over comes at the first moment behind the leap; where it is put back, a tick
that it shows twice comes the first time only. A schedule for every hour (`*` as its hour) is
not about the clock on the wall: it comes once in every hour that passes.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from cronsim import CronSim

from connectory.kernel.clock import rfc3339

RUN_PATH = "/run/schedule"  # where a connector is told of its ticks
NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
}
LOOKS_BACK = tuple(timedelta(days=d) for d in (1 / 24, 1, 4, 32, 367, 41 * 366))
HOURS = 24
MINUTE_S, HOUR_S = 60, 3600
START = datetime(2000, 1, 1, tzinfo=UTC)


def fields_of(cron: str) -> CronSim:
    """Return what a cron line means: its `minutes`, `hours`, `days`, `months`, `weekdays`.

    Raises:
        CronSimError: If no day ever matches.
    """
    return CronSim(NAMED.get(cron, cron), START)


def ticks(cron: str, zone: str, after: datetime) -> Iterator[datetime]:
    """Return the ticks behind a moment, without end, each later than the one before.

    Args:
        cron: As a valid manifest has it.
        zone: An IANA time zone.
        after: An aware moment, itself left out.
    """
    last = after
    for found in CronSim(_by_the_wall(cron), after.astimezone(ZoneInfo(zone))):
        tick = found.astimezone(UTC)
        if tick > last:
            last = tick
            yield tick


def upcoming(cron: str, zone: str, after: datetime, count: int = 5) -> tuple[datetime, ...]:
    """Return the next ticks behind a moment."""
    return tuple(islice(ticks(cron, zone, after), count))


def following(cron: str, zone: str, after: datetime) -> datetime:
    """Return the next tick behind a moment."""
    return next(ticks(cron, zone, after))


def latest(cron: str, zone: str, until: datetime) -> datetime:
    """Return the last tick up to a moment, which may be the tick itself."""
    for back in LOOKS_BACK:
        found = None
        for tick in ticks(cron, zone, until - back):
            if tick > until:
                break
            found = tick
        if found is not None:
            return found
    raise AssertionError(f"{cron} had no tick in a lifetime")


def shortest_gap_s(cron: str) -> int:
    """Return the least seconds between two ticks, if days that match follow each other."""
    found = fields_of(cron)
    times = sorted(h * HOUR_S + m * MINUTE_S for h in found.hours for m in found.minutes)
    around = [*times, times[0] + HOURS * HOUR_S]
    return min(later - earlier for earlier, later in pairwise(around))


def local(tick: datetime, zone: str) -> str:
    """Write what the clock of a zone shows at a moment: `Wed 2026-11-25 07:00 CET`."""
    return f"{tick.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M %Z}"


def in_words(cron: str) -> str:
    """Say when it comes: `at 07:00 every day`."""
    words = fields_of(cron).explain()
    return words[0].lower() + words[1:]


def body_of(schedule: str, planned: datetime) -> dict[str, str]:
    """Return what a connector is told of a tick. `schedule` is the cron line and its zone."""
    return {"schedule": schedule, "planned": rfc3339(planned)}


def _by_the_wall(cron: str) -> str:
    """Write a cron line so that CronSim goes by the wall clock, unless it is for every hour.

    CronSim, like Debian's cron, goes by the passing of time as soon as minute or hour begins
    with a star.
    """
    minute, hour, *days = NAMED.get(cron, cron).split(" ")
    if len(fields_of(cron).hours) == HOURS:
        return " ".join((minute, "*", *days))
    return " ".join((_spelt(minute, "0-59"), _spelt(hour, "0-23"), *days))


def _spelt(field: str, whole: str) -> str:
    return re.sub(r"\*", whole, field)
