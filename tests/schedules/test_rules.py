"""What is decided about ticks that have come."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectory.schedules.rules import Reason, Schedule, decide, is_ahead
from timetables import at

SEVEN = at("07:00")
HOURLY = Schedule(
    instance="inst_1",
    name="0 * * * * UTC",
    cron="0 * * * *",
    zone="UTC",
    jitter_s=0,
    makes_up=True,
    due=SEVEN,
    fires_at=SEVEN,
)
SKIPPING = replace(HOURLY, makes_up=False)


def said(schedule: Schedule, now: datetime, **more: object) -> tuple[str, list[str]]:
    given = {"obstacle": None, "is_busy": False, **more}
    found = decide(schedule, now, **given)
    skipped = [f"{s.reason} {s.first:%H:%M} {s.last:%H:%M}" for s in found.skipped]
    return f"{found.tick:%H:%M}" if found.is_run else "", skipped


@pytest.mark.parametrize(
    ("schedule", "now", "more", "ran", "skipped"),
    [
        (HOURLY, at("07:00"), {}, "07:00", []),
        (HOURLY, at("07:01"), {}, "07:00", []),
        (HOURLY, at("07:02"), {}, "07:00", []),
        (SKIPPING, at("07:01"), {}, "07:00", []),
        (SKIPPING, at("07:02"), {}, "", ["missed 07:00 07:00"]),
        (HOURLY, at("09:30"), {}, "09:00", ["missed 07:00 08:00"]),
        (HOURLY, at("09:00:05"), {}, "09:00", ["missed 07:00 08:00"]),
        (SKIPPING, at("09:00:05"), {}, "09:00", ["missed 07:00 08:00"]),
        (SKIPPING, at("09:30"), {}, "", ["missed 07:00 09:00"]),
        (HOURLY, at("07:00"), {"is_busy": True}, "", ["overlap 07:00 07:00"]),
        (
            HOURLY,
            at("09:30"),
            {"is_busy": True},
            "",
            ["missed 07:00 08:00", "overlap 09:00 09:00"],
        ),
        (HOURLY, at("09:30"), {"obstacle": Reason.PAUSED}, "", ["paused 07:00 09:00"]),
        (
            HOURLY,
            at("07:00"),
            {"obstacle": Reason.FAILED, "is_busy": True},
            "",
            ["failed 07:00 07:00"],
        ),
    ],
)
def test_each_tick_is_run_or_accounted_for(schedule, now, more, ran, skipped) -> None:
    assert said(schedule, now, **more) == (ran, skipped)


def test_a_year_of_outage_is_decided_at_once() -> None:
    minutely = replace(HOURLY, name="* * * * * UTC", cron="* * * * *")

    found = decide(minutely, SEVEN + timedelta(days=365), obstacle=None, is_busy=False)

    assert found.tick == SEVEN + timedelta(days=365)
    assert found.is_run


def test_delays_are_within_the_jitter_and_spread_over_it() -> None:
    schedule = replace(HOURLY, jitter_s=300)
    ticks = [SEVEN + timedelta(hours=n) for n in range(500)]

    delays = [(schedule.fires(tick) - tick).total_seconds() for tick in ticks]

    assert 0 <= min(delays) < 10
    assert 290 < max(delays) <= 300
    assert 130 < sum(delays) / len(delays) < 170
    assert delays == [(schedule.fires(tick) - tick).total_seconds() for tick in ticks]


def test_a_tick_that_is_delayed_is_not_due_before_its_delay() -> None:
    schedule = replace(HOURLY, jitter_s=3000)
    late = next(
        tick
        for n in range(100)
        if schedule.fires(tick := SEVEN + timedelta(hours=n)) - tick > timedelta(minutes=40)
    )
    before = replace(schedule, due=late - timedelta(hours=1))

    found = decide(before, late + timedelta(minutes=30), obstacle=None, is_busy=False)

    assert found.tick == before.due


@pytest.mark.parametrize(
    ("cron", "due", "now", "is_so"),
    [
        ("0 * * * *", at("08:00"), at("07:10"), False),
        ("0 * * * *", at("08:00"), at("06:55"), False),  # another server's clock is ahead
        ("0 * * * *", at("08:00"), at("06:05"), True),
        ("* * * * *", at("08:00"), at("07:55"), False),
        ("* * * * *", at("08:00"), at("07:30"), True),
        ("0 7 * * 2", at("07:00") + timedelta(days=7), at("05:00"), True),
        ("0 7 * * 2", at("07:00") + timedelta(days=7), at("08:00"), False),
        ("0 0 29 2 *", datetime(2028, 2, 29, tzinfo=UTC), at("08:00"), False),
    ],
)
def test_a_row_is_ahead_when_it_leaves_out_ticks(cron, due, now, is_so) -> None:
    schedule = replace(HOURLY, cron=cron, due=due, fires_at=due)

    assert is_ahead(schedule, now) is is_so
