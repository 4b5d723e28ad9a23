"""The connector as a process, as the platform runs it, against the stand-in for Slack."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectory.manifest.loader import load
from connectory.standins import SLACK_TOKEN
from connectory.standins.slack import SLACK_TOKEN_WITHOUT_SCOPES
from connectory_sdk.testing import Running, running


@pytest.fixture
def source(starters: Path) -> Path:
    return starters / "slack-alerts/src"


@pytest.fixture
def connector(source: Path, environment: dict[str, str]) -> Iterator[Running]:
    with running("slack_alerts", source, environment) as connector:
        connector.wait_until_healthy()
        yield connector


def texts(ask) -> list[str]:
    return [message["text"] for message in ask("slack", "GET", "/_received")]


def test_an_alert_arrives_in_the_channel(connector: Running, ask) -> None:
    answer = connector.post("/alert", {"text": "disk full", "severity": "critical"})

    assert answer.status == 200
    assert answer.json() == {"status": "posted", "slack_channel": "#leads"}
    assert texts(ask) == [":rotating_light: disk full"]
    assert 'alerts_posted_total{severity="critical"} 1' in connector.get("/metrics").text


def test_a_manual_run_without_a_body_posts_a_test_message(connector: Running, ask) -> None:
    connector.post("/run")

    assert texts(ask) == [":information_source: Test alert of payments/leads"]


def test_a_text_can_mention_nobody(connector: Running, ask) -> None:
    connector.post("/alert", {"text": "<!channel> a & b"})

    assert texts(ask) == [":information_source: &lt;!channel&gt; a &amp; b"]


@pytest.mark.parametrize(
    "alert",
    [
        {},
        {"text": ""},
        {"text": 5},
        {"text": "x" * 3001},
        {"text": "a", "severity": "loud"},
        [1],
    ],
)
def test_a_wrong_alert_is_refused_and_posts_nothing(connector: Running, ask, alert) -> None:
    assert connector.post("/alert", alert).status == 422
    assert texts(ask) == []


def test_a_limit_is_waited_out(connector: Running, ask) -> None:
    ask("slack", "POST", "/_fail", {"status": 429, "times": 3, "retry_after": 0})

    answer = connector.post("/alert", {"text": "patience"})

    assert answer.status == 200
    assert texts(ask) == [":information_source: patience"]


def test_a_limit_that_is_too_long_is_passed_on(connector: Running, ask) -> None:
    ask("slack", "POST", "/_fail", {"status": 429, "times": 1, "retry_after": 600})

    answer = connector.post("/alert", {"text": "later"})

    assert answer.status == 503
    assert answer.headers["Retry-After"] == "600"
    assert connector.get("/healthz").status == 200


def test_what_a_person_must_repair_is_said_by_health_until_a_post_works(
    connector: Running, ask
) -> None:
    ask("slack", "POST", "/_fail", {"status": 200, "error": "not_in_channel"})

    failed = connector.post("/alert", {"text": "one"})
    sick = connector.get("/healthz")
    connector.post("/alert", {"text": "two"})
    well = connector.get("/healthz")

    assert failed.status == 503
    assert sick.status == 503
    assert "not_in_channel for #leads; invite the app" in sick.text
    assert well.status == 200


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"SECRET_SLACK_BOT_TOKEN": "xoxb-unknown"}, "invalid_auth"),
        ({"INPUT_SLACK_API_URL": "http://127.0.0.1:9/api"}, "Slack does not answer"),
    ],
)
def test_it_is_not_healthy_before_slack_knows_it(
    source: Path, environment: dict[str, str], changed: dict[str, str], reason: str
) -> None:
    with running("slack_alerts", source, environment | changed) as connector:
        connector.wait_for_log("start failed")

        health = connector.get("/healthz")

    assert health.status == 503
    assert reason in health.text


def test_a_missing_scope_is_named(source: Path, environment: dict[str, str]) -> None:
    changed = {"SECRET_SLACK_BOT_TOKEN": SLACK_TOKEN_WITHOUT_SCOPES}
    with running("slack_alerts", source, environment | changed) as connector:
        connector.wait_until_healthy()

        connector.post("/alert", {"text": "hello"})

        assert "give the app the scope chat:write" in connector.get("/healthz").text


def test_the_token_is_in_no_log_and_no_answer(connector: Running) -> None:
    answer = connector.post("/alert", {"text": "x", "severity": SLACK_TOKEN})
    connector.stop()

    assert SLACK_TOKEN not in answer.text
    assert SLACK_TOKEN not in str(connector.logs)


def test_it_stops_with_0(connector: Running) -> None:
    assert connector.stop() == 0


def test_its_manifest_has_no_warnings_and_names_what_the_code_reads(
    starters: Path,
) -> None:
    loaded = load((starters / "slack-alerts/manifest.yaml").read_bytes())

    manifest = loaded.manifest
    assert loaded.warnings == ()
    assert (manifest.namespace, manifest.id, manifest.version) == (
        "bizops",
        "slack-alerts",
        "1.0.0",
    )
    assert manifest.runtime.entrypoint == "slack_alerts"
    assert {each.name for each in manifest.inputs} == {"slack_channel", "slack_api_url"}
    assert {each.name for each in manifest.secrets} == {"slack_bot_token"}
