"""The health of instances is stored and told; what fails is seen."""

from dataclasses import replace

from connectory.backends.targets import Observed, Phase
from connectory.instances import read as instances
from connectory.instances import store
from connectory.instances.rules import InstanceState
from connectory.instances.watch import EVERY
from monitored import INSTANCE, Monitored

RUNS = '# TYPE connector_runs_total counter\nconnector_runs_total{{outcome="failed"}} {}\n'


def test_a_sick_instance_is_told_once(leads: Monitored) -> None:
    leads.look(lambda: leads.status() == "healthy")
    leads.target.health = 503
    leads.ahead = EVERY

    leads.look(lambda: leads.status() == "failing")
    leads.look()

    health = leads.health()
    assert leads.changes() == [("healthy", "failing")]
    assert health is not None
    assert health.reason == "no token"


def test_since_survives_a_restart_of_the_server(leads: Monitored) -> None:
    leads.look(lambda: leads.status() == "healthy")
    before = leads.health()

    leads.start()
    leads.look()
    after = leads.health()
    leads.target.seen = Observed(Phase.BACKING_OFF, 1, reason="it ended with exit code 1")
    leads.look()

    assert after == before is not None
    assert leads.changes() == [("healthy", "failing")]


def test_an_instance_that_is_lost_is_unknown_and_named(leads: Monitored) -> None:
    leads.look(lambda: leads.status() == "healthy")
    leads.target.seen = Observed(Phase.ABSENT, 0, reason="its supervisor ended")

    leads.look()

    assert leads.changes() == [("healthy", "unknown")]


def test_failing_runs_degrade_an_instance(leads: Monitored) -> None:
    leads.look(lambda: leads.status() == "healthy")
    leads.scrape(RUNS.format(0))
    leads.scrape(RUNS.format(3))

    leads.look(lambda: leads.status() == "degraded")

    health = leads.health()
    assert health is not None
    assert health.reason == "3 of 3 runs failed in the last 5 minutes"
    assert leads.changes() == [("healthy", "degraded")]


def test_nothing_is_told_of_an_instance_that_is_changed_on_purpose(leads: Monitored) -> None:
    leads.look(lambda: leads.status() == "healthy")
    leads.target.seen = Observed(Phase.STOPPED, 1)
    leads.set_state(InstanceState.PAUSED)

    leads.watch.look([INSTANCE])

    assert leads.changes() == []


def test_instances_are_counted_by_how_they_are_doing(leads: Monitored) -> None:
    for name in ("other", "third"):
        leads.add(replace(INSTANCE, id=f"inst_{name}", name=name))
    with leads.works.write() as work:
        store.set_state(work, "inst_third", InstanceState.PAUSED)
        before = instances.health_numbers(work)

    leads.look(lambda: leads.status() == "healthy")
    leads.set_state(InstanceState.REMOVED)

    with leads.works.read() as work:
        after = instances.health_numbers(work)
    assert before == {"unknown": 2, "paused": 1}
    assert after["paused"] == 1
    assert sum(after.values()) == 2
