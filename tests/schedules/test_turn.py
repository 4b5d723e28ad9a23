"""What runs when, and what does not: restarts, outages, pauses, clocks that jump."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from connectory.instances import store as instance_store
from connectory.instances.rules import InstanceState
from connectory.schedules import read, store
from connectory.work import Work, log
from timetables import instance

HOURLY = '{type: schedule, cron: "0 * * * *"}'
SKIPPING = '{type: schedule, cron: "0 * * * *", misfire: skip}'


def test_each_tick_is_one_run_with_its_planned_time(times) -> None:
    times.install(HOURLY)

    for clock in ("06:59:59", "07:00:00", "07:00:01", "07:30", "08:00:02", "08:00:30"):
        times.see(clock)

    assert times.ran == ["24 07:00", "24 08:00"]
    assert times.skipped() == []


def test_a_restart_repeats_nothing_and_loses_nothing(times) -> None:
    times.install(HOURLY)

    for clock in ("07:00", "07:00:10", "08:00:20"):
        times.restart()
        times.see(clock)

    assert times.ran == ["24 07:00", "24 08:00"]


def test_two_schedules_of_an_instance_run_beside_each_other(times) -> None:
    times.install(HOURLY, '{type: schedule, cron: "30 8 * * *", timezone: Europe/Berlin}')

    times.see("07:00")
    times.see("07:30")

    assert times.ran == ["24 07:00", "24 07:30"]


@pytest.mark.parametrize(
    ("trigger", "ran", "skipped"),
    [
        (HOURLY, ["24 10:00"], ["missed 24 07:00 to 24 09:00"]),
        (SKIPPING, [], ["missed 24 07:00 to 24 10:00"]),
    ],
    ids=["once", "skip"],
)
def test_an_outage_is_made_up_for_once_or_not_at_all(times, trigger, ran, skipped) -> None:
    times.install(trigger)

    times.see("10:20")
    times.see("10:21")

    assert times.ran == ran
    assert times.skipped() == skipped
    times.see("11:00")
    assert times.ran == [*ran, "24 11:00"]


@pytest.mark.parametrize("trigger", [HOURLY, SKIPPING], ids=["once", "skip"])
def test_a_short_outage_misses_nothing(times, trigger) -> None:
    times.install(trigger)

    times.see("07:00:45")

    assert times.ran == ["24 07:00"]
    assert times.skipped() == []


def test_what_was_missed_is_told_in_the_log(times) -> None:
    times.install(HOURLY)

    times.see("10:20")

    (told,) = times.ask(events_missed)
    assert (told["first"], told["last"]) == (
        "2026-11-24T07:00:00.000Z",
        "2026-11-24T10:00:00.000Z",
    )
    assert told["is_made_up"] is True


def test_a_tick_does_not_wait_for_the_run_before(times) -> None:
    times.install(HOURLY)

    for clock in ("07:00", "08:00", "09:00"):
        times.see(clock, deliver=False)

    times.deliver()
    times.see("10:00")
    assert times.ran == ["24 07:00", "24 10:00"]
    assert times.skipped() == ["overlap 24 08:00 to 24 09:00"]


def test_a_paused_instance_skips_its_ticks_and_goes_on_afterwards(times) -> None:
    times.install(HOURLY)
    times.turn_to("inst_1", InstanceState.PAUSED)

    times.see("07:00")
    times.see("08:00")
    times.turn_to("inst_1", InstanceState.RUNNING)
    times.see("08:10")
    times.see("09:00")

    assert times.ran == ["24 09:00"]
    assert times.skipped() == ["paused 24 07:00 to 24 08:00"]


def test_a_clock_that_jumps_two_hours_ahead_and_back_doubles_nothing(times) -> None:
    times.install(HOURLY)
    times.see("07:00")

    for clock in ("09:10", "07:11", "08:00", "09:00", "10:00"):
        times.restart()
        times.see(clock)

    assert sorted(times.ran) == ["24 07:00", "24 08:00", "24 09:00", "24 10:00"]
    assert len(set(times.ran)) == len(times.ran)


def test_a_clock_that_goes_back_an_hour_doubles_nothing(times) -> None:
    times.install('{type: schedule, cron: "*/20 * * * *"}')

    for clock in ("06:40", "07:00", "06:05", "06:20", "06:40", "07:00", "07:20"):
        times.restart()
        times.see(clock)

    assert len(set(times.ran)) == len(times.ran)
    assert {"24 06:40", "24 07:00", "24 07:20"} <= set(times.ran)


def test_a_clock_that_was_days_ahead_puts_nothing_off(times) -> None:
    times.install(HOURLY)
    times.see("06:45", day=28)

    times.restart()
    times.see("06:50")
    times.see("07:00")

    assert times.ran == ["28 06:00", "24 07:00"]


def test_jitter_delays_each_tick_by_its_own_share(times) -> None:
    trigger = '{type: schedule, cron: "0 * * * *", jitter: 10m}'
    first = times.install(trigger)
    second = times.install(trigger, name="inst_2")

    starts = {
        times.ask(lambda work, each=each: starts_of(work, each)) for each in (first, second)
    }

    times.see("07:00:00")
    assert times.ran == []
    for minute in range(11):
        times.see(f"07:{minute:02d}:59")
    assert times.ran == ["24 07:00", "24 07:00"]
    assert len(starts) == 2


def test_an_upgrade_keeps_what_it_names_again_and_drops_the_rest(times) -> None:
    times.install(HOURLY, '{type: schedule, cron: "15 * * * *"}')
    times.see("06:59")

    times.change("inst_1", times.version(SKIPPING, '{type: schedule, cron: "45 * * * *"}'))

    for clock in ("07:00", "07:15", "07:45", "08:00"):
        times.see(clock)
    assert times.ran == ["24 07:00", "24 07:45", "24 08:00"]


@pytest.mark.parametrize("state", [InstanceState.REMOVING, InstanceState.REMOVED])
def test_an_instance_that_goes_has_no_schedules(times, state) -> None:
    times.install(HOURLY)
    times.turn_to("inst_1", state)

    times.see("07:00")

    assert times.ran == []
    assert times.ask(store.counted) == {}


def test_a_removal_that_was_undone_has_its_schedules_again(times) -> None:
    times.install(HOURLY)
    times.turn_to("inst_1", InstanceState.REMOVING)
    times.turn_to("inst_1", InstanceState.RUNNING)

    times.see("07:00")

    assert times.ran == ["24 07:00"]


def test_rows_that_another_process_took_away_come_back(times) -> None:
    times.install(HOURLY)
    with times.works.write() as work:
        store.remove_all(work, "inst_1")

    times.timekeeper.turn()
    times.see("07:00")

    assert times.ran == ["24 07:00"]


def test_a_version_that_is_gone_keeps_no_other_from_its_schedule(times) -> None:
    times.install(HOURLY)
    with times.works.write() as work:
        instance_store.add(work, instance("inst_0", "sha256:gone"))

    times.see("07:00")

    assert times.ran == ["24 07:00"]


def test_what_was_noted_is_forgotten_after_a_month(times) -> None:
    times.install(SKIPPING)
    times.see("10:20")
    times.moment += timedelta(days=31)

    with times.works.write() as work:
        read.forget(work)

    assert times.skipped() == []


def events_missed(work: Work) -> list[dict[str, object]]:
    found = log.rows(work.db, select(log.EVENTS).where(log.EVENTS.c.kind == "TicksMissed"))
    return [each.facts for each in found]


def starts_of(work: Work, name: str) -> datetime:
    (one,) = store.of_instance(work, name).values()
    return one.fires_at
