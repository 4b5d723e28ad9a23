"""What Lambda hands to a function, and what the connector behind it does."""

import base64
import json
import threading
from collections.abc import Iterator

import pytest

from connectory_sdk import App, Event, RefusedError, TryLaterError
from connectory_sdk.awslambda import FailedRunError, LambdaFunction

KEY = {"CONNECTORY_HOOK_KEY": "key-of-the-hook"}
TICK = {
    "source": "aws.scheduler",
    "detail-type": "Scheduled Event",
    "time": "2026-11-24T07:00:00Z",
    "resources": ["arn:aws:scheduler:us-east-1:123456789012:schedule/default/daily"],
}


@pytest.fixture
def app() -> Iterator[App]:
    hooks = threading.excepthook
    app = App(environment=KEY, deadline_s=5)

    @app.webhook("/alert")
    def alert(event: Event) -> object:
        return {"got": event.body, "query": dict(event.query)}

    @app.manual
    def run(event: Event) -> object:
        return {"by": event.trigger, "got": event.body}

    @app.schedule
    def tick(event: Event) -> object:
        return {"by": event.trigger, "planned": str(event.planned)}

    yield app
    threading.excepthook = hooks


@pytest.fixture
def handler(app: App) -> LambdaFunction:
    return LambdaFunction(app, environment=KEY)


def call(path: str = "/alert", **changed: object) -> dict[str, object]:
    """Return a call of a function URL, as AWS documents payload 2.0."""
    return {
        "version": "2.0",
        "rawPath": path,
        "queryStringParameters": {"key": "key-of-the-hook", "from": "test"},
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST", "path": path}},
        "body": '{"a": 1}',
        "isBase64Encoded": False,
        **changed,
    }


def test_a_call_with_the_key_reaches_the_webhook(handler: LambdaFunction) -> None:
    answer = handler(call(), None)

    assert answer["statusCode"] == 200
    assert answer["headers"]["Content-Type"] == "application/json"
    assert json.loads(answer["body"]) == {"got": {"a": 1}, "query": {"from": "test"}}


def test_a_body_in_base64_is_read(handler: LambdaFunction) -> None:
    encoded = base64.b64encode(b'{"b": 2}').decode()

    answer = handler(call(body=encoded, isBase64Encoded=True), None)
    broken = handler(call(body="%%%", isBase64Encoded=True), None)

    assert json.loads(answer["body"])["got"] == {"b": 2}
    assert broken["statusCode"] == 400


def test_the_key_can_come_in_a_header(handler: LambdaFunction) -> None:
    headers = {"X-Connectory-Hook-Key": "key-of-the-hook"}

    answer = handler(call(headers=headers, queryStringParameters=None), None)

    assert answer["statusCode"] == 200


@pytest.mark.parametrize("query", [None, {"key": "wrong"}, {"key": ""}])
def test_without_the_key_nothing_runs(handler: LambdaFunction, query: object) -> None:
    assert handler(call(queryStringParameters=query), None)["statusCode"] == 403


def test_a_function_without_a_key_takes_no_call(app: App) -> None:
    keyless = LambdaFunction(app, environment={})

    assert keyless(call(queryStringParameters={"key": ""}), None)["statusCode"] == 403


@pytest.mark.parametrize("path", ["/run", "/run/schedule", "/metrics", "/healthz", "/other"])
def test_only_webhooks_are_reached_from_outside(handler: LambdaFunction, path: str) -> None:
    assert handler(call(path), None)["statusCode"] == 404


def test_another_method_is_refused(handler: LambdaFunction) -> None:
    got = call(requestContext={"http": {"method": "GET"}})

    assert handler(got, None)["statusCode"] == 405


def test_a_schedule_of_eventbridge_runs_the_function_for_schedules(handler) -> None:
    assert handler(TICK, None) == {"by": "schedule", "planned": "2026-11-24 07:00:00+00:00"}


@pytest.mark.parametrize("event", [{"lead_id": "1"}, {}, [1], {"requestContext": "odd"}])
def test_anything_else_is_a_run_by_hand(handler: LambdaFunction, event: object) -> None:
    assert handler(event, None) == {"by": "manual", "got": event}


@pytest.mark.parametrize("error", [RefusedError("no"), TryLaterError("later"), KeyError("bug")])
def test_a_run_that_fails_is_a_failure_of_the_function(
    app: App, handler: LambdaFunction, error: Exception
) -> None:
    @app.manual
    def fail(_event: Event) -> object:
        raise error

    with pytest.raises(FailedRunError):
        handler({}, None)


def test_start_hooks_are_called_before_the_first_run_until_they_succeed(app: App) -> None:
    outcomes = [TryLaterError("not yet"), None, AssertionError("once too often")]
    handler = LambdaFunction(app, environment=KEY)

    @app.on_start
    def start() -> None:
        if (outcome := outcomes.pop(0)) is not None:
            raise outcome

    with pytest.raises(TryLaterError):
        handler({}, None)

    assert handler({}, None) == handler({}, None)
