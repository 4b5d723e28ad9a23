"""The connector as a process, as the platform runs it, against the stand-ins."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from connectory.kernel import clock
from connectory.manifest.loader import load
from connectory.standins import SECRETS
from connectory_sdk.testing import Running, running

TICK = {"schedule": "0 7 * * * UTC", "planned": "2026-11-24T07:00:00.000Z"}
KEYS = ("SECRET_AWS_ACCESS_KEY_ID", "SECRET_AWS_SECRET_ACCESS_KEY")


@pytest.fixture
def source(starters: Path) -> Path:
    return starters / "cost-monitor/src"


@pytest.fixture
def settings(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    return environment | {"INPUT_BUDGET_AMOUNT": "1000", "HOME": str(home)}


@pytest.fixture
def connector(source: Path, settings: dict[str, str]) -> Iterator[Running]:
    with running("cost_monitor", source, settings) as connector:
        connector.wait_until_healthy()
        yield connector


@pytest.fixture
def spend(ask):
    """Let the month have cost this much, all of it today."""

    def spend(amount: str, unit: str = "USD") -> None:
        day = str(clock.now().date())
        cost = {"day": day, "service": "Amazon S3", "amount": amount}
        ask("billing", "POST", "/_costs", {"unit": unit, "costs": [cost]})

    return spend


def texts(ask) -> list[str]:
    return [message["text"] for message in ask("slack", "GET", "/_received")]


def test_each_threshold_is_told_once_in_a_month(connector: Running, ask, spend) -> None:
    told = []
    for amount in ("799", "800", "850", "1000", "2000"):
        spend(amount)
        told.append(connector.post("/run").json()["status"])

    assert told == ["nothing new", "told", "nothing new", "told", "nothing new"]
    first, second = texts(ask)
    assert "800.00 USD so far, 80 % of the budget of 1,000.00 USD" in first
    assert "• Amazon S3: 800.00 USD" in first
    assert second.startswith(":rotating_light:")
    assert 'cost_month_to_date{currency="USD"} 2000' in connector.get("/metrics").text


def test_a_restart_tells_nothing_again_also_on_schedule(
    source: Path, settings: dict[str, str], ask, spend
) -> None:
    spend("900")
    for _ in range(2):
        with running("cost_monitor", source, settings) as connector:
            connector.wait_until_healthy()
            assert connector.post("/run/schedule", TICK).status == 200

    assert len(texts(ask)) == 1


def test_two_runs_at_once_tell_it_once(connector: Running, ask, spend) -> None:
    spend("900")
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda _: connector.post("/run").json(), range(4)))

    assert sorted(answer["status"] for answer in answers) == ["nothing new"] * 3 + ["told"]
    assert len(texts(ask)) == 1


def test_what_slack_did_not_take_is_told_by_the_next_run(
    connector: Running, ask, spend
) -> None:
    spend("900")
    ask("slack", "POST", "/_fail", {"status": 200, "error": "not_in_channel"})

    first, second = connector.post("/run"), connector.post("/run")

    assert (first.status, second.status) == (503, 200)
    assert len(texts(ask)) == 1


def test_costs_in_another_currency_are_for_a_person_to_compare(
    connector: Running, ask, spend
) -> None:
    spend("900", "CNY")

    answer = connector.post("/run")

    assert answer.status == 422
    assert "change budget_currency" in connector.get("/healthz").text
    assert texts(ask) == []


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"SECRET_SLACK_BOT_TOKEN": "xoxb-unknown"}, "invalid_auth"),
        (dict.fromkeys(KEYS, ""), "no AWS credentials"),
    ],
)
def test_it_is_not_healthy_before_it_can_do_its_work(
    source: Path, settings: dict[str, str], changed: dict[str, str], reason: str
) -> None:
    offline = {"AWS_EC2_METADATA_DISABLED": "true"}
    with running("cost_monitor", source, settings | changed | offline) as connector:
        connector.wait_for_log("start failed")

        health = connector.get("/healthz")

    assert health.status == 503
    assert reason in health.text


def test_no_key_is_in_a_log_or_an_answer(connector: Running, ask, spend) -> None:
    spend("900")
    ask("billing", "POST", "/_fail", {"status": 400, "error": "InvalidSignatureException"})

    said = connector.post("/run").text + connector.get("/healthz").text
    connector.stop()

    for secret in SECRETS.values():
        assert secret not in said + str(connector.logs)


def test_its_manifest_has_no_warnings_and_names_what_the_code_reads(starters: Path) -> None:
    loaded = load((starters / "cost-monitor/manifest.yaml").read_bytes())

    manifest = loaded.manifest
    assert loaded.warnings == ()
    assert (manifest.namespace, manifest.id) == ("bizops", "cost-monitor-v1")
    assert manifest.runtime.entrypoint == "cost_monitor"
    assert {each.name for each in manifest.inputs} == {
        "slack_channel",
        "budget_amount",
        "budget_currency",
        "warn_at_percent",
        "group_by",
        "aws_endpoint_url",
        "slack_api_url",
    }
    assert {each.name for each in manifest.secrets} == {
        "slack_bot_token",
        "aws_access_key_id",
        "aws_secret_access_key",
    }


def test_all_starters_post_to_slack_with_the_same_code(starters: Path) -> None:
    copies = {path.read_text() for path in starters.glob("*/src/*/channel.py")}

    assert len(copies) == 1
