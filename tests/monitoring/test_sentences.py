"""Alerts as manifests word them, and the PromQL that comes of it."""

import dataclasses
from types import SimpleNamespace

import pytest

from connectory.monitoring.prometheus import expression
from connectory.monitoring.sentences import Condition, NotTranslatedError, read

METRICS = ("leads_posted_total", "queue_length")
WHICH = 'team="payments",instance="leads"'
ONE = SimpleNamespace(team="payments", name="leads")

READ = {
    "errors over 5 % for 10 minutes": (
        (
            f'sum(rate(connector_runs_total{{{WHICH},outcome=~"failed|timed-out"}}[5m]))'
            f" / sum(rate(connector_runs_total{{{WHICH}}}[5m])) > 0.05"
        ),
        600,
    ),
    "error rate above 1% in 1 hour": (
        (
            f'sum(rate(connector_runs_total{{{WHICH},outcome=~"failed|timed-out"}}[1h]))'
            f" / sum(rate(connector_runs_total{{{WHICH}}}[1h])) > 0.01"
        ),
        0,
    ),
    "more-than is no subject over 1": None,
    "errors more than 3 in 10 minutes": (
        f'sum(increase(connector_runs_total{{{WHICH},outcome=~"failed|timed-out"}}[10m])) > 3',
        0,
    ),
    "no runs in 2 hours": (
        f"(sum(increase(connector_runs_total{{{WHICH}}}[2h])) or vector(0)) < 1",
        0,
    ),
    "latency over 500 ms for 5m": (
        (
            "histogram_quantile(0.95, sum by (le) "
            f"(rate(connector_run_seconds_bucket{{{WHICH}}}[5m]))) > 0.5"
        ),
        300,
    ),
    "memory over 200 MB": (f"max(process_resident_memory_bytes{{{WHICH}}}) > 200000000", 0),
    "cpu over 80 % for 1 hour": (
        f"sum(rate(process_cpu_seconds_total{{{WHICH}}}[5m])) > 0.8",
        3600,
    ),
    "leads_posted_total under 1 in 1 day": (
        f"(sum(increase(leads_posted_total{{{WHICH}}}[1d])) or vector(0)) < 1",
        0,
    ),
    "queue_length over 100": (f"max(queue_length{{{WHICH}}}) > 100", 0),
    "failing for 5 minutes": (
        f'connectory_instance_health{{{WHICH},status="failing"}} == 1',
        300,
    ),
}


@pytest.mark.parametrize("sentence", [s for s, found in READ.items() if found])
def test_a_sentence_of_the_grammar_becomes_promql(sentence: str) -> None:
    condition = read(sentence, METRICS)

    assert (expression(condition, ONE), condition.lasting_s) == READ[sentence]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("when it feels slow", "does not compare"),
        ("errors", "does not compare"),
        ("errors over five", "does not compare"),
        ("errors over 5 MB", "errors is not counted in `mb`"),
        ("secrets_total over 1", "is no metric that the manifest names"),
        ("errors over 5 % for 0 minutes", "a duration of 0"),
        ('x"} or up over 1', "does not compare"),
        ("", "does not compare"),
    ],
)
def test_what_is_not_understood_says_why(sentence: str, reason: str) -> None:
    with pytest.raises(NotTranslatedError, match=reason.replace("(", r"\(")):
        read(sentence, METRICS)


def test_a_condition_is_plain_values() -> None:
    assert dataclasses.asdict(read("queue_length under 2", METRICS)) == dataclasses.asdict(
        Condition("queue_length", is_over=False, number=2)
    )
