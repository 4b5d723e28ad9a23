"""The connector as a process, as the platform runs it, against the stand-in for PagerDuty."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectory.manifest.loader import load
from connectory.standins import SECRETS
from connectory_sdk.testing import Running, running

ALERT = {"summary": "disk full", "source": "db-1", "component": "disk"}


@pytest.fixture
def source(starters: Path) -> Path:
    return starters / "pagerduty-notify/src"


@pytest.fixture
def connector(source: Path, environment: dict[str, str], ask) -> Iterator[Running]:
    with running("pagerduty_notify", source, environment) as connector:
        connector.wait_until_healthy()
        ask("pagerduty", "DELETE", "/_received")  # its check
        yield connector


def actions(ask) -> list[str]:
    return [event["event_action"] for event in ask("pagerduty", "GET", "/_received")]


def test_an_alert_is_opened_acknowledged_and_resolved(connector: Running, ask) -> None:
    states = []
    for action in ("trigger", "acknowledge", "resolve"):
        answer = connector.post("/alert", {**ALERT, "action": action})
        states.append(ask("pagerduty", "GET", "/_alerts"))

    (key,) = answer.json()["dedup_keys"]
    assert [state[key] for state in states] == ["triggered", "acknowledged", "resolved"]
    assert 'events_sent_total{action="resolve"} 1' in connector.get("/metrics").text


def test_what_is_sent_twice_is_one_alert(connector: Running, ask) -> None:
    first, second = (connector.post("/alert", ALERT) for _ in range(2))

    assert first.json() == second.json()
    assert actions(ask) == ["trigger", "trigger"]
    assert len(ask("pagerduty", "GET", "/_alerts")) == 1


def test_every_example_is_taken(connector: Running, starters: Path, ask) -> None:
    examples = sorted((starters / "pagerduty-notify/examples").glob("*.json"))

    answers = [connector.post("/alert", json.loads(path.read_text())) for path in examples]

    assert [answer.status for answer in answers] == [200] * len(examples)
    assert actions(ask) == ["trigger", "resolve", "trigger"]


def test_a_manual_run_without_a_body_opens_an_alert_that_ends_at_once(
    connector: Running, ask
) -> None:
    connector.post("/run")

    assert actions(ask) == ["trigger", "resolve"]
    assert ask("pagerduty", "GET", "/_alerts") == {"test/payments/leads": "resolved"}


def test_what_is_no_alert_is_refused_and_sends_nothing(connector: Running, ask) -> None:
    assert connector.post("/alert", {"severity": "loud"}).status == 422
    assert actions(ask) == []


def test_a_limit_is_waited_out(connector: Running, ask) -> None:
    ask("pagerduty", "POST", "/_fail", {"status": 429, "times": 3, "retry_after": 0})

    assert connector.post("/alert", ALERT).status == 200
    assert actions(ask) == ["trigger"]


def test_a_limit_that_is_too_long_is_passed_on(connector: Running, ask) -> None:
    ask("pagerduty", "POST", "/_fail", {"status": 429, "retry_after": 600})

    answer = connector.post("/alert", ALERT)

    assert (answer.status, answer.headers["Retry-After"]) == (503, "600")
    assert connector.get("/healthz").status == 200


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"SECRET_PAGERDUTY_ROUTING_KEY": "x" * 32}, "Invalid routing key"),
        ({"INPUT_PAGERDUTY_API_URL": "http://127.0.0.1:9/"}, "PagerDuty does not answer"),
    ],
)
def test_it_is_not_healthy_before_pagerduty_knows_it(
    source: Path, environment: dict[str, str], changed: dict[str, str], reason: str
) -> None:
    with running("pagerduty_notify", source, environment | changed) as connector:
        connector.wait_for_log("start failed")

        health = connector.get("/healthz")

    assert health.status == 503
    assert reason in health.text


def test_the_key_is_in_no_log_and_no_answer(connector: Running) -> None:
    key = SECRETS["pagerduty_routing_key"]

    answer = connector.post("/alert", {"summary": "x", "dedup_key": key})
    connector.stop()

    assert key not in answer.text
    assert key not in str(connector.logs)


def test_its_manifest_has_no_warnings_and_names_what_the_code_reads(starters: Path) -> None:
    loaded = load((starters / "pagerduty-notify/manifest.yaml").read_bytes())

    manifest = loaded.manifest
    assert loaded.warnings == ()
    assert (manifest.namespace, manifest.id) == ("bizops", "pagerduty-notify")
    assert manifest.runtime.entrypoint == "pagerduty_notify"
    assert {each.name for each in manifest.inputs} == {"pagerduty_api_url"}
    assert {each.name for each in manifest.secrets} == {"pagerduty_routing_key"}
