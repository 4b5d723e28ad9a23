"""Calls of other systems: patient where they ask for it, and open about what is wrong."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from connectory.standins.serving import Answer, Call, Server
from connectory_sdk import Health, JsonApi, Secret, TryLaterError


class Vendor:
    """Gives the answers that it was made with, one after the other."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.calls: list[Call] = []

    def answer(self, call: Call) -> Answer:
        self.calls.append(call)
        return self._answers.pop(0)

    def failure(self, status: int, error: str, retry_after: int) -> Answer:
        return Answer(status, {"error": error, "after": retry_after})

    def received(self) -> list[dict[str, object]]:
        return []

    def forget(self) -> None:
        self.calls.clear()

    def close(self) -> None:
        pass


@contextmanager
def vendor(*answers: Answer) -> Iterator[tuple[Vendor, JsonApi]]:
    behind = Vendor(*answers)
    server = Server(behind, 0)
    yield behind, JsonApi("the vendor", f"{server.url}/", Secret("key"), Health(), "vendor")
    server.stop()


def test_a_busy_system_is_asked_again_after_the_time_that_it_names() -> None:
    with vendor(Answer(429, {}, {"Retry-After": "0"}), Answer(200, {"a": 1})) as (behind, api):
        assert api.ask("POST", "/things", {"b": 2}) == (200, {"a": 1})

    assert [call.path for call in behind.calls] == ["/things", "/things"]
    assert behind.calls[0].bearer() == "key"


def test_a_wait_that_is_too_long_is_passed_on() -> None:
    with (
        vendor(Answer(503, {}, {"Retry-After": "90"})) as (_, api),
        pytest.raises(TryLaterError, match="the vendor answered 503") as told,
    ):
        api.ask("GET", "/")

    assert told.value.after_s == 90


def test_a_refused_key_is_told_by_health_until_a_call_succeeds() -> None:
    with vendor(Answer(401, {}), Answer(200, {})) as (_, api):
        with pytest.raises(TryLaterError):
            api.ask("GET", "/")
        told = api.health.reasons()
        api.ask("GET", "/")

    assert told == {"vendor": "the vendor answered 401; replace the secret vendor_api_key"}
    assert api.health.reasons() == {}


def test_a_status_that_is_expected_is_no_trouble_and_comes_with_its_reasons() -> None:
    with vendor(Answer(400, {"errors": ["no"]}), Answer(404, "no object")) as (_, api):
        assert api.ask("GET", "/", also=400) == (400, {"errors": ["no"]})
        assert api.ask("GET", "/", also=404) == (404, {})


def test_without_a_token_none_is_sent_and_none_is_to_be_replaced() -> None:
    with vendor(Answer(200, {}), Answer(403, {})) as (behind, api):
        keyless = dataclasses.replace(api, key=None)
        keyless.ask("GET", "/")
        with pytest.raises(TryLaterError):
            keyless.ask("GET", "/")

    assert "authorization" not in behind.calls[0].headers
    assert keyless.health.reasons()["vendor"].endswith("check vendor_api_url")


def test_a_system_that_is_not_there_is_named() -> None:
    api = JsonApi("the vendor", "http://127.0.0.1:9", Secret("key"), Health(), "vendor")

    with pytest.raises(TryLaterError, match="the vendor does not answer"):
        api.ask("GET", "/")
