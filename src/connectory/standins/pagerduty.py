"""Plays PagerDuty's Events API v2, as developer.pagerduty.com describes it.

    POST /v2/enqueue   {"routing_key", "event_action", "dedup_key", "payload": {...}}:
                       202 and the dedup_key; 400 with every mistake; 413 above 512 kB; 429

It does not deduplicate: every accepted event is in `/_received`, so that a test sees how often
a connector sent it. `GET /_alerts` says what people would see: the state of each dedup_key.
"""

import threading
import uuid
from collections.abc import Iterator, Mapping
from http import HTTPStatus

from connectory.kernel import clock
from connectory.standins.serving import Answer, Call, RateLimit

ROUTING_KEY = "pagerdutydemokeyofconnectory0000"
ROUTING_KEY_LENGTH = 32
ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "error", "warning", "info")
LONGEST_DEDUP_KEY = 255  # characters
LONGEST_SUMMARY = 1024  # characters
LARGEST_EVENT = 512 * 1024  # bytes
CALLS_PER_S = 50  # per key; the real limit adapts to the traffic
STATES = {"trigger": "triggered", "acknowledge": "acknowledged", "resolve": "resolved"}


class _RefusedError(Exception):
    """Ends the handling of an event."""

    def __init__(self, kind: str, message: str, *errors: str, status: int = 400) -> None:
        super().__init__(message)
        content = {"status": kind, "message": message, "errors": list(errors)}
        self.answer = Answer(status, content)


class PagerDuty:
    """One service with one integration, kept in memory."""

    def __init__(self, calls_per_s: int = CALLS_PER_S) -> None:
        self._limit = RateLimit(calls_per_s)
        self._lock = threading.Lock()
        self._events: list[dict[str, object]] = []

    def answer(self, call: Call) -> Answer:
        """Take an event, or tell the state of every alert."""
        if (call.method, call.path) == ("GET", "/_alerts"):
            return Answer(HTTPStatus.OK, self._alerts())
        if (call.method, call.path) != ("POST", "/v2/enqueue"):
            return Answer(HTTPStatus.NOT_FOUND, {"status": "not found", "message": "Not Found"})
        try:
            event = _event(call)
        except _RefusedError as refusal:
            return refusal.answer
        if not self._limit.allows(ROUTING_KEY):
            return self.failure(HTTPStatus.TOO_MANY_REQUESTS, "", 1)
        return self._keep(event)

    def failure(self, status: int, error: str, retry_after: int) -> Answer:
        """Return a failure as PagerDuty words it; only a rate limit says when to come back."""
        limited = status == HTTPStatus.TOO_MANY_REQUESTS
        message = error or HTTPStatus(status).phrase
        headers = {"Retry-After": str(retry_after)} if limited else {}
        return Answer(status, {"status": "error", "message": message, "errors": []}, headers)

    def received(self) -> list[dict[str, object]]:
        """Return the accepted events, oldest first, without their routing key."""
        with self._lock:
            return list(self._events)

    def forget(self) -> None:
        """Forget the accepted events, and so every alert."""
        with self._lock:
            self._events.clear()

    def close(self) -> None:
        """Nothing goes on in the background."""

    def _keep(self, event: Mapping[str, object]) -> Answer:
        dedup_key = str(event.get("dedup_key") or uuid.uuid4().hex)
        told = {name: value for name, value in event.items() if name != "routing_key"}
        told |= {"dedup_key": dedup_key, "at": clock.rfc3339(clock.now())}
        with self._lock:
            self._events.append(told)
        content = {"status": "success", "message": "Event processed", "dedup_key": dedup_key}
        return Answer(HTTPStatus.ACCEPTED, content)

    def _alerts(self) -> dict[str, str]:
        """Return the state of each alert; events for what is not open are dropped."""
        states: dict[str, str] = {}
        for event in self.received():
            key, action = str(event["dedup_key"]), str(event["event_action"])
            if action == "trigger" and states.get(key) == "acknowledged":
                continue
            if action == "trigger" or states.get(key, "resolved") != "resolved":
                states[key] = STATES[action]
        return states


def _event(call: Call) -> dict[str, object]:
    if len(call.body) > LARGEST_EVENT:
        raise _RefusedError("invalid event", "Payload too large", status=413)
    try:
        event = call.object()
    except ValueError:
        message = "Event object format is unrecognized"
        raise _RefusedError("Unrecognized object", message, "JSON parse error") from None
    if mistakes := list(_mistakes(event)):
        raise _RefusedError("invalid event", "Event object is invalid", *mistakes)
    if event["routing_key"] != ROUTING_KEY:
        raise _RefusedError("invalid event", "Invalid routing key")
    return event


def _mistakes(event: Mapping[str, object]) -> Iterator[str]:
    yield from _key_mistakes(event)
    action = event.get("event_action")
    if action not in ACTIONS:
        yield f"'event_action' must be one of {', '.join(ACTIONS)}"
    dedup_key = event.get("dedup_key", "")
    if not isinstance(dedup_key, str) or len(dedup_key) > LONGEST_DEDUP_KEY:
        yield f"Length of 'dedup_key' is incorrect (should be at most {LONGEST_DEDUP_KEY})"
    if action == "trigger":
        yield from _payload_mistakes(event.get("payload"))
    elif not dedup_key:
        yield "'dedup_key' is missing or blank"


def _key_mistakes(event: Mapping[str, object]) -> Iterator[str]:
    key = event.get("routing_key")
    if not isinstance(key, str) or not key:
        yield "'routing_key' is missing or blank"
        return
    if len(key) != ROUTING_KEY_LENGTH:
        yield "Length of 'routing_key' is incorrect (should be 32 characters)"
    if not key.isalnum():
        yield "'routing_key' cannot contain non-alphanumeric characters."


def _payload_mistakes(payload: object) -> Iterator[str]:
    if not isinstance(payload, dict):
        yield "'payload' is missing or blank"
        return
    for name in ("summary", "source"):
        if not isinstance(payload.get(name), str) or not payload[name]:
            yield f"'payload.{name}' is missing or blank"
    if len(str(payload.get("summary", ""))) > LONGEST_SUMMARY:
        yield f"Length of 'payload.summary' is incorrect (should be at most {LONGEST_SUMMARY})"
    if payload.get("severity") not in SEVERITIES:
        yield f"'payload.severity' is invalid (must be one of {', '.join(SEVERITIES)})"
