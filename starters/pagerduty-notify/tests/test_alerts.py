"""What senders tell of, read as alerts."""

import json
from pathlib import Path

import pytest
from pagerduty_notify.alerts import LONGEST_DEDUP_KEY, LONGEST_SUMMARY, Alert, read

from connectory_sdk import RefusedError

EXAMPLES = Path(__file__).parents[1] / "examples"
DISK = {"summary": "92 % full", "source": "db-1", "component": "disk"}


def one(body: object) -> Alert:
    (alert,) = read(body, "payments/pager")
    return alert


def example(name: str) -> object:
    return json.loads((EXAMPLES / f"{name}.json").read_text())


def of_alertmanager(**changed: object) -> Alert:
    body = example("alertmanager")
    body["alerts"][0] |= changed
    return one(body)


def test_an_alert_says_what_where_and_how_bad() -> None:
    event = one(example("trigger")).event("payments/pager")

    assert event["event_action"] == "trigger"
    assert event["client"] == "payments/pager"
    assert event["payload"] == {
        "summary": "Disk of db-1 is 92 % full",
        "severity": "warning",
        "source": "db-1.example.com",
        "component": "disk",
        "custom_details": {"mount": "/var", "free": "8 %"},
    }


def test_an_alert_of_few_words_is_an_error_of_this_instance() -> None:
    payload = one({"text": "it burns"}).payload

    assert (payload["source"], payload["severity"]) == ("payments/pager", "error")


def test_the_end_of_an_alert_has_the_key_of_its_beginning_and_no_payload() -> None:
    begun, ended = one(example("trigger")), one(example("resolve"))

    assert ended.event("x") == {"event_action": "resolve", "dedup_key": begun.dedup_key}


@pytest.mark.parametrize(
    "other",
    [
        {**DISK, "component": "memory"},
        {**DISK, "source": "db-2"},
        {**DISK, "class": "latency"},
        {"summary": "92 % full", "source": "db-1"},
    ],
)
def test_another_problem_has_another_key(other: dict[str, str]) -> None:
    assert one(other).dedup_key != one(DISK).dedup_key


def test_numbers_in_a_summary_make_no_other_alert_when_the_part_is_known() -> None:
    assert one({**DISK, "summary": "93 % full"}).dedup_key == one(DISK).dedup_key


def test_a_given_key_is_taken_as_it_is_unless_it_is_too_long() -> None:
    long = "k" * (LONGEST_DEDUP_KEY + 1)

    assert one({**DISK, "dedup_key": "disk of db-1"}).dedup_key == "disk of db-1"
    assert (
        one({**DISK, "dedup_key": long}).dedup_key == one({"dedup_key": long, **DISK}).dedup_key
    )
    assert len(one({**DISK, "dedup_key": long}).dedup_key) <= LONGEST_DEDUP_KEY


def test_what_is_too_long_for_pagerduty_is_shortened_and_not_lost() -> None:
    details = {"trace": "x" * 600_000}

    payload = one({"summary": "s" * 5000, "details": details}).payload

    assert len(str(payload["summary"])) == LONGEST_SUMMARY
    assert "left out" in payload["custom_details"]


def test_an_alertmanager_names_the_alert_by_its_fingerprint() -> None:
    alert = one(example("alertmanager"))

    assert alert.dedup_key == "alertmanager/b1f9cbab5d1d2a0c"
    assert alert.payload["summary"] == "The shop answers 500 since 14:02"
    assert alert.payload["source"] == "shop-1.example.com:443"
    assert alert.payload["severity"] == "critical"
    assert alert.links == [{"href": "https://prometheus.example.com/graph?g0.expr=up"}]


def test_an_alertmanager_without_fingerprints_is_told_by_labels_in_any_order() -> None:
    labels = {"alertname": "A", "job": "b"}
    turned = dict(reversed(labels.items()))

    first = of_alertmanager(fingerprint="", labels=labels)
    second = of_alertmanager(fingerprint="", labels=turned, status="resolved")

    assert first.dedup_key == second.dedup_key
    assert (first.action, second.action) == ("trigger", "resolve")


@pytest.mark.parametrize(
    ("label", "severity"),
    [("page", "critical"), ("WARN", "warning"), ("odd", "error"), ("", "error")],
)
def test_words_for_severity_are_read_as_pagerdutys(label: str, severity: str) -> None:
    alert = of_alertmanager(labels={"alertname": "A", "severity": label})

    assert alert.payload["severity"] == severity


def test_an_alert_without_annotations_is_named_by_its_labels() -> None:
    alert = of_alertmanager(annotations={}, labels={"alertname": "Down", "instance": "a:1"})

    assert alert.payload["summary"] == "Down on a:1"


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"summary": 5},
        {"summary": "x", "severity": "loud"},
        {"summary": "x", "action": "close"},
        {"summary": "x", "details": "text"},
        {"action": "resolve"},
        {"version": "3", "alerts": []},
        {"version": "4", "alerts": [5]},
        {"version": "4", "alerts": [{"status": "pending"}]},
        {"version": "4", "alerts": [{"status": "firing", "labels": []}]},
    ],
    ids=lambda body: json.dumps(body)[:40],
)
def test_what_is_no_alert_is_refused(body: object) -> None:
    with pytest.raises(RefusedError):
        read(body, "payments/pager")
