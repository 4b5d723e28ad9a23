"""What instances report is kept, bounded, thinned out with age, and gone with the instance."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from connectory.backends.targets import Observed, Phase
from connectory.instances.rules import InstanceState
from connectory.monitoring import store, thinning
from connectory.monitoring.points import growth, thinned
from connectory.monitoring.store import Row
from connectory.work import Work
from monitored import INSTANCE, Monitored

RUNS = "# TYPE connector_runs_total counter\nconnector_runs_total "


def test_numbers_become_lines_and_counters_rates(leads: Monitored) -> None:
    for turn in range(4):
        leads.scrape(f"{RUNS}{turn * 3}\nqueue {turn}\n")

    assert leads.line("queue") == [1, 2, 3]
    assert leads.line("connector_runs_total") == pytest.approx([0.1] * 3)


def test_a_counter_that_begins_anew_counts_what_it_grew_by(leads: Monitored) -> None:
    for value in (10, 40, 6, 6):
        leads.scrape(f"{RUNS}{value}\n")

    assert leads.line("connector_runs_total") == pytest.approx([1, 0.2, 0])


def test_silence_leaves_a_gap_and_is_itself_kept(leads: Monitored) -> None:
    leads.scrape(f"{RUNS}1\n")
    leads.scrape(f"{RUNS}1\n")
    leads.target.seen = Observed(Phase.STOPPED, 1)
    leads.scrape("")

    assert leads.line("connector_runs_total") == [0]
    assert leads.line("connectory_instance_up") == [1, 0]


def test_an_instance_is_asked_once_in_its_time(leads: Monitored) -> None:
    leads.scrape("a 1\n")
    leads.scrape("a 2\n", seconds=5)
    leads.scrape("a 3\n", seconds=25)

    assert len(leads.rows()) == 2


def test_those_that_run_when_a_server_starts_are_not_asked_at_once(leads: Monitored) -> None:
    for n in range(60):
        leads.add(replace(INSTANCE, id=f"inst_{n}", name=f"leads-{n}"))
    leads.start()

    asked = []
    for _ in range(6):
        leads.scrape("a 1\n", seconds=5)
        asked.append(len(leads.rows()))

    assert max(later - before for before, later in zip([0, *asked], asked, strict=False)) < 30
    leads.scrape("a 1\n", seconds=5)
    assert len({row.instance for row in leads.rows()}) == 61


def test_a_hostile_connector_fills_no_more_than_its_share(leads: Monitored) -> None:
    for turn in range(3):
        leads.scrape("".join(f'x{{turn="{turn}",n="{n}"}} 1\n' for n in range(2_000)))

    with leads.works.read() as work:
        [series] = store.series(work, [INSTANCE.id]).values()
    assert len(series) == leads.settings.metrics_series
    assert len(leads.rows()[-1].numbers) <= len(series)
    assert leads.line("connectory_instance_series_refused")[-1] == 1_800


def test_a_removed_instance_leaves_no_numbers_and_a_paused_one_does(leads: Monitored) -> None:
    leads.scrape("a 1\n")
    leads.set_state(InstanceState.PAUSED)
    leads.scrape("")
    paused = leads.rows()
    leads.set_state(InstanceState.REMOVED)

    leads.scrape("")

    assert len(paused) == 1
    assert leads.rows() == []
    with leads.works.read() as work:
        assert store.instances(work) == frozenset()


def test_what_a_restarted_server_knows_goes_on(leads: Monitored) -> None:
    leads.scrape("a 1\nb 2\n")
    leads.scrape("a 1\nb 2\n")

    leads.start()
    leads.scrape("b 3\na 4\n")
    leads.scrape("b 3\na 4\n")

    assert leads.line("a")[0] == 1
    assert leads.line("a")[-1] == 4


def test_what_could_not_be_written_is_written_the_next_time(leads: Monitored) -> None:
    leads.scrape("a 1\n")
    with leads.works.begin() as db:  # the row of the next reading is there already
        taken = Row(INSTANCE.id, 0, int(leads.now.timestamp()) + 30, {})
        store.add_rows(Work(db, leads.now), [taken])
    with pytest.raises(IntegrityError):
        leads.scrape("a 1\nb 1\n")

    leads.scrape("a 1\nb 2\n")

    assert leads.line("b") == [2]


def test_old_readings_are_summed_up_and_then_deleted(leads: Monitored) -> None:
    leads.now = leads.now.replace(minute=0, second=0)
    for turn in range(30):
        leads.scrape(f"{RUNS}{turn * 6}\nqueue {turn % 2}\n", seconds=60)
    with leads.works.read() as work:
        names = {one.number: one.name for one in store.series(work, [INSTANCE.id])[INSTANCE.id]}
    middle = {names[n]: value for n, value in leads.rows(300)[2].numbers.items()}
    for days in (2, 2, 40, 1):
        leads.scrape("", seconds=days * 86_400)

    oldest = leads.now - timedelta(days=31)
    assert middle["connector_runs_total"] == 30
    assert middle["queue"] == pytest.approx(0.5, abs=0.11)
    assert [
        row
        for step in (0, 300, 3600)
        for row in leads.rows(step)
        if row.at < oldest.timestamp()
    ] == []


def test_an_hour_is_the_sum_of_its_parts(leads: Monitored) -> None:
    leads.now = leads.now.replace(minute=0, second=0)
    for turn in range(130):
        leads.scrape(f"{RUNS}{turn}\n", seconds=60)

    with leads.works.read() as work:
        names = {one.number: one.name for one in store.series(work, [INSTANCE.id])[INSTANCE.id]}
    hours = [{names[n]: v for n, v in row.numbers.items()} for row in leads.rows(3600)]
    assert [hour["connector_runs_total"] for hour in hours] == [58, 60]


def test_summing_up_again_changes_nothing(leads: Monitored) -> None:
    for turn in range(12):
        leads.scrape(f"{RUNS}{turn}\n", seconds=60)
    before = leads.rows(300)

    with leads.works.begin() as db:
        thinning.thin(Work(db, leads.now), leads.settings)

    assert leads.rows(300) == before != []


def test_growth_of_a_counter_that_is_new_beside_others_counts() -> None:
    kinds = {1: "counter", 2: "counter"}
    found = [Row("i", 0, 0, {1: 5.0}), Row("i", 0, 30, {}), Row("i", 0, 60, {1: 7.0, 2: 1.0})]

    assert [row.numbers for row in growth(found, kinds)] == [{}, {1: 2.0, 2: 1.0}]
    assert thinned(growth(found, kinds), kinds, 60) == [
        Row("i", 60, 0, {}),
        Row("i", 60, 60, {1: 2.0, 2: 1.0}),
    ]
