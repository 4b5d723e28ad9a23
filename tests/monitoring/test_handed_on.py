"""Prometheus, Grafana and Datadog get what they can read, whatever connectors are called."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from connectory.kernel import clock
from connectory.manifest import loader
from connectory.manifest.runtime import Trigger
from connectory.manifest.upkeep import Alert, Observability, Support
from connectory.monitoring import dashboards, datadog, prometheus
from connectory.monitoring.prometheus import labels
from connectory.monitoring.push import Push
from connectory.monitoring.rules import Alerts, alerts_of
from connectory.monitoring.sentences import Condition
from monitored import INSTANCE, Monitored
from stubs import Asked, Reply, Stub

PROMTOOL = shutil.which("promtool")
HOSTILE = "a\"} or up #\\ {{ .Labels }} '%0 {{{{ $value }} : -"
STARTER = Path(__file__).parents[2] / "starters/slack-alerts/manifest.yaml"
TRIGGERS = (Trigger(type="schedule", cron="0 3 * * 1-5"),)
ALERTS = (
    Alert(name=HOSTILE, when="rows_total under 1 in 1 day", severity="page"),
    Alert(name="Slow", when="latency over 2 s for 10 minutes"),
    Alert(name="Big", when="memory over 200 MB"),
    Alert(name="Long queue", when="queue_length over 100 for 5 minutes"),
    Alert(name="Odd", when=HOSTILE),
    Alert(name="Silent treatment"),
)


@pytest.fixture(scope="module")
def alerts() -> Alerts:
    changed = {
        "triggers": TRIGGERS,
        "support": Support(owner_oncall=HOSTILE, runbook="runbook.md"),
        "observability": Observability(metrics=("rows_total", "queue_length"), alerts=ALERTS),
    }
    manifest = loader.load(STARTER.read_bytes()).manifest.model_copy(update=changed)
    version = SimpleNamespace(manifest=manifest)
    return alerts_of(INSTANCE, version, "https://shop.example")  # type: ignore[arg-type]


def test_alerts_are_those_of_the_manifest_and_the_usual_ones(alerts: Alerts) -> None:
    names = [one.name for one in alerts.rules]

    assert names[1:] == [
        "Slow",
        "Big",
        "Long queue",
        "InstanceFailing",
        "InstanceSilent",
        "InstanceCrashLoop",
        "InstanceErrors",
        "InstanceScheduleStale",
    ]
    assert [(one.name, one.reason[:20]) for one in alerts.untranslated] == [
        ("Odd", alerts.untranslated[0].reason[:20]),
        ("Silent treatment", "it does not say when"),
    ]


def test_a_schedule_is_stale_after_more_than_a_weekend(alerts: Alerts) -> None:
    [late] = [one.condition for one in alerts.rules if one.name == "InstanceScheduleStale"]

    assert 72 * 3600 < late.window_s < 120 * 3600


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")
def test_rules_are_valid_whatever_the_manifest_says(alerts: Alerts, tmp_path: Path) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(prometheus.rules([alerts]), "utf-8")

    told = subprocess.run(
        [str(PROMTOOL), "check", "rules", file], capture_output=True, text=True, check=False
    )

    assert told.returncode == 0, told.stdout + told.stderr
    assert "9 rules found" in told.stdout


def test_other_peoples_text_is_no_template(alerts: Alerts) -> None:
    lines = prometheus.rules([alerts]).replace('\\"', '"').splitlines()
    read_as_templates = [line for line in lines if "- alert:" not in line]

    templates = set(re.findall(r"\{\{.*?\}\}", "\n".join(read_as_templates)))
    assert templates == {'{{"{{"}}'}


def test_targets_are_scraped_through_the_server() -> None:
    [found] = prometheus.targets([INSTANCE], "https://shop.example/tools")

    assert found == {
        "targets": ["shop.example:443"],
        "labels": {
            "__scheme__": "https",
            "__metrics_path__": (
                "/tools/api/v1/teams/payments/instances/leads/metrics/prometheus"
            ),
            **labels(INSTANCE),
        },
    }


def test_monitors_watch_what_the_rules_watch(alerts: Alerts) -> None:
    found = {str(one["name"]): one for one in datadog.monitors([alerts])}

    assert len(found) == len(alerts.rules)
    slow = found["Slow payments/leads"]
    assert slow["query"] == (
        "sum(last_10m):sum:connector_run_seconds_sum{team:payments AND instance:leads}"
        ".as_count() / sum:connector_run_seconds_count{team:payments AND instance:leads}"
        ".as_count() > 2"
    )
    assert found["InstanceSilent payments/leads"]["query"] == (
        "max(last_5m):max:connectory_instance_up{team:payments AND instance:leads} < 0.5"
    )
    assert all("{{" not in str(one["message"]) for one in found.values())


@pytest.mark.parametrize("subject", ["errors", "runs", "degraded", "cpu", "queue_length"])
def test_every_subject_has_a_query_for_datadog(alerts: Alerts, subject: str) -> None:
    rule = replace(alerts.rules[0], condition=Condition(subject))

    [monitor] = datadog.monitors([replace(alerts, rules=(rule,))])

    assert str(monitor["query"]).endswith(("> 0", "> 0.5"))


def test_numbers_are_pushed_as_otlp(leads: Monitored) -> None:
    leads.scrape('# TYPE x_total counter\nx_total{a="b"} 3\ny 1\n')

    with Stub(lambda _: Reply()) as receiver:
        push = Push(f"{receiver.url}/v1/metrics", clock.now)
        push.send(leads.pushed)
        [asked] = receiver.asked

    assert (asked.method, asked.path, push.failures) == ("POST", "/v1/metrics", 0)
    metrics = _metrics(asked)
    assert metrics["x_total"]["sum"]["isMonotonic"] is True
    [point] = metrics["x_total"]["sum"]["dataPoints"]
    assert (point["asDouble"], point["attributes"]) == (
        3,
        [{"key": "a", "value": {"stringValue": "b"}}],
    )
    assert metrics["connectory_instance_up"]["gauge"]["dataPoints"][0]["asDouble"] == 1


def test_a_receiver_that_fails_stops_nothing_and_is_counted(leads: Monitored) -> None:
    leads.scrape("y 1\n")

    with Stub(lambda _: Reply(503)) as receiver:
        push = Push(f"{receiver.url}/v1/metrics", clock.now)
        push.send(leads.pushed)
    push.send(leads.pushed)
    Push("", clock.now).send(leads.pushed)

    assert push.failures == 2


def test_every_metric_of_the_dashboard_exists() -> None:
    dashboard = json.dumps(dashboards.grafana())
    named = set(re.findall(r"\b(?:connectory|connector|process)_[a-z_]+", dashboard))
    source = "".join(
        path.read_text()
        for folder in ("src/connectory/app", "src/connectory/monitoring", "sdk/src")
        for path in (Path(__file__).parents[2] / folder).rglob("*.py")
    )

    known = {name.removesuffix("_bucket") for name in named} - {"connectory_server"}

    assert len(known) > 8
    assert [name for name in known if f'"{name}"' not in source] == []


def _metrics(asked: Asked) -> dict[str, Any]:
    [resource] = json.loads(asked.body)["resourceMetrics"]
    [scope] = resource["scopeMetrics"]
    return {one["name"]: one for one in scope["metrics"]}
