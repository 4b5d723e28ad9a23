"""The connector as a process, as the platform runs it, against the stand-ins."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectory.manifest.loader import load
from connectory.standins import SECRETS
from connectory_sdk.testing import Running, running

LEAD = {"name": "Ada Lovelace", "email": "ada@example.com", "company": "Engines"}
HOOK = "http://127.0.0.1:9/hooks/payments/leads/lead?key=key-of-the-hook"


@pytest.fixture
def source(starters: Path) -> Path:
    return starters / "crm-to-slack/src"


@pytest.fixture
def connector(source: Path, environment: dict[str, str]) -> Iterator[Running]:
    with running("crm_to_slack", source, environment) as connector:
        connector.wait_until_healthy()
        yield connector


def texts(ask) -> list[str]:
    return [message["text"] for message in ask("slack", "GET", "/_received")]


def hooks(ask) -> list[str]:
    return [hook["url"] for hook in ask("crm", "GET", "/v1/webhooks")["items"]]


def test_a_new_lead_of_the_crm_arrives_in_the_channel(
    source: Path, environment: dict[str, str], ask, free_port: int
) -> None:
    """Here the hook address is the connector's own, so that the whole chain runs."""
    address = {"CONNECTORY_HOOK_URL": f"http://127.0.0.1:{free_port}", "PORT": str(free_port)}
    with running("crm_to_slack", source, environment | address) as connector:
        connector.wait_until_healthy()
        ask("crm", "POST", "/_leads", LEAD)
        connector.wait_for_log("posted")

    (message,) = ask("slack", "GET", "/_received")
    assert message["text"] == "New lead: Ada Lovelace (Engines), ada@example.com"
    assert message["channel"] == "#leads"


@pytest.mark.usefixtures("connector")
def test_it_subscribes_at_its_start_and_only_once(
    source: Path, environment: dict[str, str], ask
) -> None:
    before = hooks(ask)

    with running("crm_to_slack", source, environment) as again:
        again.wait_until_healthy()
        after = hooks(ask)

    assert before == after == [HOOK]


@pytest.mark.usefixtures("connector")
def test_a_new_hook_key_replaces_the_old_subscription(
    source: Path, environment: dict[str, str], ask
) -> None:
    ask(
        "crm",
        "POST",
        "/v1/webhooks",
        {"url": "http://127.0.0.1:9/x", "events": ["lead.created"]},
    )

    changed = {"CONNECTORY_HOOK_KEY": "new"}
    with running("crm_to_slack", source, environment | changed) as again:
        again.wait_until_healthy()

    assert hooks(ask) == ["http://127.0.0.1:9/x", HOOK.replace("key-of-the-hook", "new")]


def test_removal_leaves_nothing_in_the_crm(connector: Running, ask) -> None:
    first = connector.post("/lifecycle/remove")
    second = connector.post("/lifecycle/remove")

    assert first.status == second.status == 200
    assert hooks(ask) == []


def test_an_event_that_comes_twice_is_posted_once(connector: Running, ask) -> None:
    lead = ask("crm", "POST", "/_leads", LEAD)
    event = {"id": "evt_1", "event": "lead.created", "lead_id": lead["id"]}

    first, second = connector.post("/lead", event), connector.post("/lead", event)

    assert first.json()["status"] == "posted"
    assert second.json()["status"] == "posted before"
    assert len(texts(ask)) == 1


def test_an_event_that_failed_is_posted_when_it_comes_again(connector: Running, ask) -> None:
    lead = ask("crm", "POST", "/_leads", LEAD)
    event = {"id": "evt_1", "lead_id": lead["id"]}
    ask("slack", "POST", "/_fail", {"status": 200, "error": "channel_not_found"})

    first, second = connector.post("/lead", event), connector.post("/lead", event)

    assert (first.status, second.status) == (503, 200)
    assert len(texts(ask)) == 1


@pytest.mark.parametrize("event", [{}, {"lead_id": 5}, {"lead_id": "lead_unknown"}])
def test_an_event_without_a_known_lead_is_refused(connector: Running, ask, event) -> None:
    assert connector.post("/lead", event).status == 422
    assert texts(ask) == []


def test_a_lead_id_is_no_way_to_another_address_of_the_crm(connector: Running, ask) -> None:
    assert connector.post("/lead", {"lead_id": "../webhooks"}).status == 422
    assert texts(ask) == []


def test_a_manual_run_posts_the_newest_lead(connector: Running, ask) -> None:
    without = connector.post("/run")
    ask("crm", "POST", "/_leads", LEAD)
    ask("crm", "POST", "/_leads", LEAD | {"name": "Grace", "company": ""})

    answer = connector.post("/run")

    assert without.status == 422
    assert answer.status == 200
    assert texts(ask) == ["New lead: Grace, ada@example.com"]


def test_a_manual_run_can_name_a_lead(connector: Running, ask) -> None:
    lead = ask("crm", "POST", "/_leads", LEAD)

    answer = connector.post("/run", {"lead_id": lead["id"]})

    assert answer.json()["lead"] == lead["id"]


@pytest.mark.parametrize("name", ["crm", "slack"])
def test_a_limit_is_waited_out(connector: Running, ask, name: str) -> None:
    lead = ask("crm", "POST", "/_leads", LEAD)
    ask(name, "POST", "/_fail", {"status": 429, "times": 3, "retry_after": 0})

    assert connector.post("/lead", {"lead_id": lead["id"]}).status == 200


def test_a_limit_that_is_too_long_is_passed_on(connector: Running, ask) -> None:
    ask("crm", "POST", "/_fail", {"status": 429, "times": 1, "retry_after": 600})

    answer = connector.post("/lead", {"lead_id": "lead_1"})

    assert answer.status == 503
    assert answer.headers["Retry-After"] == "600"


def test_a_crm_that_stays_down_is_not_waited_for(connector: Running, ask) -> None:
    ask("crm", "POST", "/_fail", {"status": 503, "times": 4})
    started = time.monotonic()

    answer = connector.post("/lead", {"lead_id": "lead_1"})

    assert answer.status == 503
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (
            {"SECRET_CRM_API_KEY": "wrong"},
            "the CRM answered 401; replace the secret crm_api_key",
        ),
        ({"INPUT_CRM_API_URL": "http://127.0.0.1:9"}, "the CRM does not answer"),
        ({"CONNECTORY_HOOK_URL": ""}, "CONNECTORY_HOOK_URL"),
        ({"SECRET_SLACK_BOT_TOKEN": "wrong"}, "invalid_auth"),
    ],
)
def test_it_is_not_healthy_before_both_systems_know_it(
    source: Path, environment: dict[str, str], changed: dict[str, str], reason: str
) -> None:
    with running("crm_to_slack", source, environment | changed) as connector:
        connector.wait_for_log("start failed")

        health = connector.get("/healthz")

    assert health.status == 503
    assert reason in health.text


def test_logs_hold_no_secret_and_nothing_of_a_person(connector: Running, ask) -> None:
    lead = ask("crm", "POST", "/_leads", LEAD)
    connector.post("/lead", {"lead_id": lead["id"]})
    connector.stop()

    logs = str(connector.logs)
    for hidden in (*SECRETS.values(), "key-of-the-hook", *LEAD.values()):
        assert hidden not in logs


def test_its_manifest_has_no_warnings_and_names_what_the_code_reads(starters: Path) -> None:
    loaded = load((starters / "crm-to-slack/manifest.yaml").read_bytes())

    manifest = loaded.manifest
    assert loaded.warnings == ()
    assert (manifest.namespace, manifest.id, manifest.version) == (
        "bizops",
        "crm-to-slack-v1",
        "1.3.0",
    )
    assert manifest.runtime.entrypoint == "crm_to_slack"
    assert {each.name for each in manifest.inputs} == {
        "slack_channel",
        "slack_api_url",
        "crm_api_url",
    }
    assert {each.name for each in manifest.secrets} == {"slack_bot_token", "crm_api_key"}
