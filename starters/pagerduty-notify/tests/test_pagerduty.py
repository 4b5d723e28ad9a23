"""The client against a server that plays PagerDuty."""

from collections.abc import Iterator

import pytest
from pagerduty_notify.alerts import read
from pagerduty_notify.pagerduty import PagerDuty

from connectory.standins import pagerduty as standin
from connectory.standins.serving import Answer, Call, Server
from connectory_sdk import Health, RefusedError, Secret, TryLaterError

(ALERT,) = read({"summary": "it burns"}, "oven")


@pytest.fixture
def vendor() -> standin.PagerDuty:
    return standin.PagerDuty()


@pytest.fixture
def api_url(vendor: standin.PagerDuty) -> Iterator[str]:
    server = Server(vendor, 0)
    yield f"{server.url}/v2/enqueue"
    server.stop()


def client(api_url: str, health: Health, key: str = standin.ROUTING_KEY) -> PagerDuty:
    return PagerDuty(api_url, Secret(key), "payments/pager", health)


def test_an_alert_is_taken_and_health_is_good(vendor: standin.PagerDuty, api_url: str) -> None:
    health = Health()
    health.fail("pagerduty", "earlier trouble")

    client(api_url, health).send(ALERT)

    assert [event["dedup_key"] for event in vendor.received()] == [ALERT.dedup_key]
    assert health.reasons() == {}


def test_the_check_opens_nothing(vendor: standin.PagerDuty, api_url: str) -> None:
    client(api_url, Health()).check()

    alerts = vendor.answer(Call("GET", "/_alerts", {}, {}, b""))
    assert alerts.content == {}


@pytest.mark.parametrize(
    ("key", "said"),
    [("short", "Length of 'routing_key'"), ("x" * 32, "Invalid routing key")],
)
def test_a_wrong_key_is_for_a_person_to_replace(api_url: str, key: str, said: str) -> None:
    health = Health()

    with pytest.raises(TryLaterError):
        client(api_url, health, key).send(ALERT)

    assert said in health.reasons()["pagerduty"]
    assert "replace the secret pagerduty_routing_key" in health.reasons()["pagerduty"]


def test_an_event_that_pagerduty_never_takes_is_refused(api_url: str) -> None:
    (alert,) = read({"summary": "x", "details": {"a": "b"}}, "oven")
    unnamed = type(alert)("trigger", alert.dedup_key, {**alert.payload, "source": ""})

    with pytest.raises(RefusedError, match="is missing or blank"):
        client(api_url, Health()).send(unnamed)


def test_another_address_is_named_by_health(api_url: str) -> None:
    health = Health()

    with pytest.raises(TryLaterError):
        client(api_url.replace("/v2", "/v9"), health).send(ALERT)

    assert health.reasons()["pagerduty"].endswith("check pagerduty_api_url")


class Sending(standin.PagerDuty):
    """Sends everybody elsewhere."""

    def answer(self, call: Call) -> Answer:
        return Answer(302, None, {"Location": f"http://{call.headers['host']}/elsewhere"})


def test_a_redirect_does_not_take_the_key_along() -> None:
    server = Server(Sending(), 0)

    with pytest.raises(TryLaterError, match="answered 302"):
        client(f"{server.url}/v2/enqueue", Health()).send(ALERT)

    server.stop()
