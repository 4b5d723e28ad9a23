import pytest

from connectory.standins import StandIns
from connectory.standins.pagerduty import ROUTING_KEY, PagerDuty
from connectory.standins.serving import Call

PAYLOAD = {"summary": "disk full", "source": "db-1", "severity": "error"}
EVENT = {"routing_key": ROUTING_KEY, "event_action": "trigger", "payload": PAYLOAD}


@pytest.fixture
def send(standins: StandIns, ask):
    return lambda event: ask("POST", standins.inputs["pagerduty_api_url"], event)


def test_an_event_is_accepted_and_told_its_key(send, standins: StandIns, ask) -> None:
    status, _, content = send({**EVENT, "dedup_key": "disk of db-1"})

    _, _, (received,) = ask("GET", standins.urls["pagerduty"] + "/_received")
    assert (status, content["status"]) == (202, "success")
    assert content["dedup_key"] == received["dedup_key"] == "disk of db-1"
    assert received["payload"] == PAYLOAD
    assert "routing_key" not in received


def test_an_event_without_a_key_gets_one_of_its_own(send) -> None:
    first, second = (send(EVENT)[2]["dedup_key"] for _ in range(2))

    assert first != second


def test_every_event_is_kept_also_one_that_comes_twice(send, standins: StandIns, ask) -> None:
    for _ in range(2):
        send({**EVENT, "dedup_key": "one"})

    assert len(ask("GET", standins.urls["pagerduty"] + "/_received")[2]) == 2


@pytest.mark.parametrize(
    ("actions", "state"),
    [
        (["trigger"], "triggered"),
        (["trigger", "acknowledge"], "acknowledged"),
        (["trigger", "acknowledge", "trigger"], "acknowledged"),
        (["trigger", "resolve"], "resolved"),
        (["trigger", "resolve", "acknowledge"], "resolved"),
        (["trigger", "resolve", "trigger"], "triggered"),
        (["resolve"], None),
        (["acknowledge"], None),
    ],
)
def test_alerts_are_in_the_state_that_people_would_see(
    send, standins: StandIns, ask, actions: list[str], state: str | None
) -> None:
    for action in actions:
        send({**EVENT, "event_action": action, "dedup_key": "one"})

    assert ask("GET", standins.urls["pagerduty"] + "/_alerts")[2].get("one") == state


@pytest.mark.parametrize(
    ("changed", "mistake"),
    [
        ({"routing_key": "short"}, "Length of 'routing_key' is incorrect"),
        ({"routing_key": "-" * 32}, "non-alphanumeric"),
        ({"routing_key": None}, "'routing_key' is missing"),
        ({"event_action": "close"}, "'event_action'"),
        ({"event_action": "resolve"}, "'dedup_key' is missing"),
        ({"dedup_key": "k" * 256}, "Length of 'dedup_key'"),
        ({"payload": None}, "'payload' is missing"),
        ({"payload": {**PAYLOAD, "source": ""}}, "'payload.source' is missing"),
        ({"payload": {**PAYLOAD, "summary": "s" * 1025}}, "Length of 'payload.summary'"),
        ({"payload": {**PAYLOAD, "severity": "page"}}, "'payload.severity' is invalid"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_pagerduty_refuses_is_refused(send, changed, mistake: str) -> None:
    status, _, content = send({**EVENT, **changed})

    assert (status, content["status"]) == (400, "invalid event")
    assert any(mistake in error for error in content["errors"])


def test_a_key_of_no_integration_is_refused(send) -> None:
    status, _, content = send({**EVENT, "routing_key": "x" * 32})

    assert (status, content["message"]) == (400, "Invalid routing key")


def test_what_is_no_json_is_refused(send) -> None:
    assert send(b"{")[2]["errors"] == ["JSON parse error"]


def test_a_large_event_is_refused(send) -> None:
    details = {"custom_details": {"trace": "x" * 600_000}}

    assert send({**EVENT, "payload": {**PAYLOAD, **details}})[0] == 413


def test_another_address_is_not_found(standins: StandIns, ask) -> None:
    assert ask("POST", standins.urls["pagerduty"] + "/v1/enqueue", EVENT)[0] == 404


def test_too_many_events_are_told_when_to_come_back() -> None:
    body = (
        b'{"routing_key": "%s", "event_action": "resolve", "dedup_key": "1"}'
        % ROUTING_KEY.encode()
    )
    busy = PagerDuty(calls_per_s=0)

    answer = busy.answer(Call("POST", "/v2/enqueue", {}, {}, body))

    assert (answer.status, answer.headers["Retry-After"]) == (429, "1")
