"""What Prometheus reads: targets, alert rules, the numbers of one instance. Pure."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from connectory.instances.read import Health, HealthWord, Instance
from connectory.instances.rules import InstanceState
from connectory.manifest.writer import written
from connectory.monitoring import exposition
from connectory.monitoring.exposition import Report, Sample, escaped, number_text
from connectory.monitoring.rules import AlertRule, Alerts
from connectory.monitoring.sentences import Condition

METRICS = "/api/v1/teams/{team}/instances/{name}/metrics/prometheus"
FAILED = 'outcome=~"failed|timed-out"'
HEALTH_METRIC = "connectory_instance_health"
UP = "connectory_instance_up"
RESTARTS = "connectory_instance_restarts_total"
REFUSED = "connectory_instance_series_refused"


def labels(one: Instance) -> dict[str, str]:
    """Return what is said of an instance wherever it is monitored."""
    return {
        "team": one.team,
        "instance": one.name,
        "connector": one.connector.key,
        "version": one.version,
        "environment": one.environment,
    }


def targets(instances: Iterable[Instance], base_url: str) -> list[dict[str, object]]:
    """Return the document of HTTP service discovery: each instance through the server."""
    parts = urlsplit(base_url)
    host = parts.netloc if parts.port else f"{parts.netloc}:{_port(parts.scheme)}"
    return [
        {
            "targets": [host],
            "labels": {
                "__scheme__": parts.scheme,
                "__metrics_path__": parts.path + METRICS.format(team=one.team, name=one.name),
                **labels(one),
            },
        }
        for one in instances
    ]


def own_samples(one: Instance, health: Health, report: Report | None) -> list[Sample]:
    """Return what the platform knows of an instance. A paused one is not expected to report."""
    found = [
        Sample(
            HEALTH_METRIC,
            {"status": word},
            float(word is health.status),
            "Its health.",
            "gauge",
        )
        for word in HealthWord
    ]
    found.append(
        Sample(RESTARTS, {}, float(health.restarts), "Restarts of its process.", "counter")
    )
    if one.state is InstanceState.RUNNING:
        is_up = float(report is not None)
        found.append(Sample(UP, {}, is_up, "Whether it reports numbers.", "gauge"))
    if report is not None:
        refused = float(report.refused)
        found.append(Sample(REFUSED, {}, refused, "Series that were refused.", "gauge"))
    return found


def text(one: Instance, health: Health, report: Report | None) -> str:
    """Return the numbers of an instance, the platform's and its own."""
    own = own_samples(one, health, report)
    return exposition.written([*own, *(report.samples if report else ())])


def rules(found: Iterable[Alerts]) -> str:
    """Return a file of alert rules: a group for each instance."""
    groups: list[dict[str, object]] = [
        {
            "name": each.instance.label,
            "rules": [_rule(each, one) for one in each.rules],
        }
        for each in found
    ]
    return written({"groups": groups})


def expression(condition: Condition, one: Instance) -> str:
    """Return a condition about an instance in PromQL."""
    which = f'team="{escaped(one.team)}",instance="{escaped(one.name)}"'
    if condition.subject in {"failing", "degraded"}:
        return f'{HEALTH_METRIC}{{{which},status="{condition.subject}"}} == 1'
    if condition.subject == "silent":
        return f"{UP}{{{which}}} == 0"
    sign = ">" if condition.is_over else "<"
    return f"{_measured(condition, which)} {sign} {number_text(condition.number)}"


def _measured(condition: Condition, which: str) -> str:
    window = f"[{duration(condition.window_s)}]"
    runs = f"connector_runs_total{{{which}}}{window}"
    failed = f"connector_runs_total{{{which},{FAILED}}}{window}"
    buckets = f"connector_run_seconds_bucket{{{which}}}{window}"
    known = {
        "errors": f"sum(rate({failed})) / sum(rate({runs}))"
        if condition.is_share
        else _at_least_0(f"sum(increase({failed}))", condition),
        "runs": _at_least_0(f"sum(increase({runs}))", condition),
        "restarts": f"sum(increase({RESTARTS}{{{which}}}{window}))",
        "latency": f"histogram_quantile(0.95, sum by (le) (rate({buckets})))",
        "memory": f"max(process_resident_memory_bytes{{{which}}})",
        "cpu": f"sum(rate(process_cpu_seconds_total{{{which}}}{window}))",
    }
    return known.get(condition.subject) or _reported(condition, which, window)


def _reported(condition: Condition, which: str, window: str) -> str:
    """Return a metric of the connector's own: what a counter grew by, or a gauge."""
    series = f"{condition.subject}{{{which}}}"
    if condition.subject.endswith("_total"):
        return _at_least_0(f"sum(increase({series}{window}))", condition)
    return f"max({series})" if condition.is_over else f"min({series})"


def _at_least_0(counted: str, condition: Condition) -> str:
    """Count what never happened as nothing, where too little is the trouble."""
    return counted if condition.is_over else f"({counted} or vector(0))"


def duration(seconds: int) -> str:
    """Write a time as PromQL does."""
    for unit, length in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds % length == 0 and seconds:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


def _rule(about: Alerts, rule: AlertRule) -> dict[str, object]:
    notes = {"summary": rule.summary, "runbook_url": about.runbook, "oncall": about.oncall}
    lasting = rule.condition.lasting_s
    return {
        "alert": rule.name,
        "expr": expression(rule.condition, about.instance),
        **({"for": duration(lasting)} if lasting else {}),
        "labels": {
            name: _plain(value)
            for name, value in {**labels(about.instance), "severity": rule.severity}.items()
        },
        "annotations": {name: _plain(value) for name, value in notes.items() if value},
    }


def _plain(value: str) -> str:
    """Keep Prometheus from reading a template in other people's text."""
    return value.replace("{{", '{{"{{"}}')


def _port(scheme: str) -> int:
    return 443 if scheme == "https" else 80
