"""When schedules come, in zones that put their clocks forward and back.

The oracle looks at every minute of the wall clock in turn, with `zoneinfo` alone.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from connectory.manifest.ticks import (
    following,
    in_words,
    latest,
    shortest_gap_s,
    ticks,
    upcoming,
)

MINUTE = timedelta(minutes=1)
SPAN = timedelta(days=4)
FULL = {"minute": range(60), "hour": range(24)}

# zone and a moment shortly before its clock changes
CHANGES = {
    "Berlin forward": ("Europe/Berlin", "2026-03-28T12:00"),
    "Berlin back": ("Europe/Berlin", "2026-10-24T12:00"),
    "New York forward": ("America/New_York", "2026-03-07T12:00"),
    "New York back": ("America/New_York", "2026-10-31T12:00"),
    "Lord Howe forward, by half an hour": ("Australia/Lord_Howe", "2026-10-03T00:00"),
    "Lord Howe back, by half an hour": ("Australia/Lord_Howe", "2026-04-04T00:00"),
    "Cairo forward, at midnight": ("Africa/Cairo", "2026-04-22T12:00"),
    "Havana back, to midnight": ("America/Havana", "2026-10-31T12:00"),
    "Apia leaps over a day": ("Pacific/Apia", "2011-12-28T12:00"),
    "Kolkata never changes": ("Asia/Kolkata", "2026-03-28T12:00"),
    "UTC": ("UTC", "2026-03-28T12:00"),
}
LINES = {
    "30 2 * * *": ([30], [2]),
    "0 2,3 * * *": ([0], [2, 3]),
    "*/15 1-3 * * *": ([0, 15, 30, 45], [1, 2, 3]),
    "0 0 * * *": ([0], [0]),
    "15 */2 * * *": ([15], range(0, 24, 2)),
    "7 * * * *": ([7], None),
    "*/20 * * * *": ([0, 20, 40], None),
    "*/20 0-23 * * *": ([0, 20, 40], None),
}


def by_the_minute(
    zone: str, after: datetime, minutes: list[int], hours: list[int] | None
) -> Iterator[datetime]:
    """Walk along the real time; keep what the wall clock shows, and what it leaps over."""
    there = ZoneInfo(zone)
    shown: set[datetime] = set()
    moment = after.replace(second=0, microsecond=0)
    wall = moment.astimezone(there).replace(tzinfo=None)
    before = wall - MINUTE
    end = after + SPAN
    while moment < end:
        wall = moment.astimezone(there).replace(tzinfo=None)
        passed = [wall]
        while hours is not None and passed[0] - before > MINUTE:
            passed.insert(0, passed[0] - MINUTE)
        due = [w for w in passed if w.minute in minutes and (hours is None or w.hour in hours)]
        is_again = hours is not None and set(due) <= shown
        if due and not is_again and moment > after:
            yield moment
        shown.update(passed)
        before = max(before, wall) if hours is not None else wall
        moment += MINUTE


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("cron", LINES)
def test_ticks_are_those_of_the_clock_on_the_wall(cron: str, change: str) -> None:
    zone, start = CHANGES[change]
    after = datetime.fromisoformat(start).replace(tzinfo=UTC)
    minutes, hours = LINES[cron]
    wanted = list(by_the_minute(zone, after, list(minutes), hours and list(hours)))

    found = list(islice(ticks(cron, zone, after), len(wanted)))

    assert found == wanted
    assert following(cron, zone, wanted[-1]) >= after + SPAN


def test_a_time_that_does_not_exist_comes_behind_the_leap() -> None:
    found = upcoming("30 2 * * *", "Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC), 2)

    assert [f"{one:%d %H:%M}" for one in found] == ["29 01:00", "30 00:30"]


def test_a_time_that_comes_twice_comes_once() -> None:
    found = upcoming("30 2 * * *", "Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC), 2)

    assert [f"{one:%d %H:%M}" for one in found] == ["25 00:30", "26 01:30"]


def test_asking_between_the_two_gives_no_second_one() -> None:
    between = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10 for the second time

    assert following("30 2 * * *", "Europe/Berlin", between).day == 26


def test_every_hour_goes_on_while_the_clock_is_put_back() -> None:
    found = upcoming("0 * * * *", "Europe/Berlin", datetime(2026, 10, 24, 23, tzinfo=UTC), 4)

    assert [one.hour for one in found] == [0, 1, 2, 3]


@pytest.mark.parametrize("cron", [*LINES, "0 0 29 2 *", "@yearly", "5 4 1 */2 1"])
def test_the_latest_tick_is_the_one_before_the_following(cron: str) -> None:
    now = datetime(2026, 10, 25, 1, 10, 30, tzinfo=UTC)

    last = latest(cron, "Europe/Berlin", now)

    assert last <= now < following(cron, "Europe/Berlin", last)


@pytest.mark.parametrize(
    ("cron", "gap_s"),
    [
        ("* * * * *", 60),
        ("*/7 * * * *", 240),
        ("0 6 * * *", 86_400),
        ("0 6,18 * * *", 43_200),
        ("0,59 0,23 * * *", 60),
    ],
)
def test_the_shortest_gap_counts_over_midnight(cron: str, gap_s: int) -> None:
    assert shortest_gap_s(cron) == gap_s


def test_a_schedule_has_words() -> None:
    assert in_words("0 7 * * 1-5") == "at 07:00 on Monday through Friday"
    assert in_words("@daily") == "at 00:00 every day"
