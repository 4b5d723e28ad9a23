"""The alerts of instances as monitors of Datadog, on metrics that are pushed there. Pure.

Datadog watches windows of given lengths, so a condition is looked at over the shortest one that
covers it.
"""

from collections.abc import Iterable

from connectory.monitoring.prometheus import HEALTH_METRIC, RESTARTS, UP, labels
from connectory.monitoring.rules import PAGE, AlertRule, Alerts
from connectory.monitoring.sentences import STATES, Condition

WINDOWS = {"5m": 300, "10m": 600, "15m": 900, "30m": 1800, "1h": 3600, "2h": 7200, "4h": 14_400}
LONGEST = "1d"
FAILED = "outcome IN (failed,timed-out)"
RUNS = "connector_runs_total"
SECONDS = "connector_run_seconds"
GAUGES = {"memory": "process_resident_memory_bytes", "cpu": "process_cpu_seconds_total"}


def monitors(found: Iterable[Alerts]) -> list[dict[str, object]]:
    """Return one monitor for each alert, as its API takes them."""
    return [_monitor(about, rule) for about in found for rule in about.rules]


def _monitor(about: Alerts, rule: AlertRule) -> dict[str, object]:
    one = about.instance
    threshold = _threshold(rule.condition)
    where = {"team": one.team, "instance": one.name}
    query = _query(rule.condition, " AND ".join(f"{k}:{v}" for k, v in where.items()))
    return {
        "name": f"{rule.name} {one.label}",
        "type": "query alert",
        "query": f"{query} {'>' if _is_over(rule.condition) else '<'} {threshold:g}",
        "message": _plain(f"{rule.summary}\n\nRunbook: {about.runbook}"),
        "tags": [f"{name}:{value}" for name, value in labels(one).items()],
        "priority": 1 if rule.severity == PAGE else 4,
        "options": {"thresholds": {"critical": threshold}, "notify_no_data": False},
    }


def _query(condition: Condition, where: str) -> str:
    window = _window(max(condition.window_s, condition.lasting_s))
    counted = ".as_count()"
    failed = f"sum:{RUNS}{{{where} AND {FAILED}}}{counted}"
    runs = f"sum:{RUNS}{{{where}}}{counted}"
    mean = f"sum:{SECONDS}_sum{{{where}}}{counted} / sum:{SECONDS}_count{{{where}}}{counted}"
    if condition.subject in {"failing", "degraded"}:
        return f"min({window}):max:{HEALTH_METRIC}{{{where} AND status:{condition.subject}}}"
    known = {
        "silent": f"max({window}):max:{UP}{{{where}}}",
        "errors": f"sum({window}):{failed}{f' / {runs}' if condition.is_share else ''}",
        "runs": f"sum({window}):{runs}",
        "restarts": f"sum({window}):sum:{RESTARTS}{{{where}}}{counted}",
        "latency": f"sum({window}):{mean}",
        "memory": f"avg({window}):max:{GAUGES['memory']}{{{where}}}",
        "cpu": f"avg({window}):sum:{GAUGES['cpu']}{{{where}}}.as_rate()",
    }
    return known.get(condition.subject) or _reported(condition.subject, window, where)


def _reported(metric: str, window: str, where: str) -> str:
    if metric.endswith("_total"):
        return f"sum({window}):sum:{metric}{{{where}}}.as_count()"
    return f"avg({window}):max:{metric}{{{where}}}"


def _window(seconds: int) -> str:
    fits = (name for name, length in WINDOWS.items() if length >= seconds)
    return f"last_{next(fits, LONGEST)}"


def _is_over(condition: Condition) -> bool:
    return condition.is_over and condition.subject != "silent"


def _threshold(condition: Condition) -> float:
    return 0.5 if condition.subject in STATES else condition.number


def _plain(text: str) -> str:
    """Keep Datadog from reading a variable or a person to notify in other people's text."""
    return text.replace("{{", "{ {").replace("@", "(at)")
