"""What senders tell of, as what PagerDuty takes: one event for each alert.

The same alert always has the same dedup key, so PagerDuty holds it once however often it is
sent, and its end finds its beginning.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectory_sdk import RefusedError

ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "error", "warning", "info")
USUAL_SEVERITY = "error"
SAME_SEVERITY = {"page": "critical", "warn": "warning", "information": "info", "none": "info"}
ALERTMANAGER_ACTIONS = {"firing": "trigger", "resolved": "resolve"}
LONGEST_DEDUP_KEY = 255  # characters, as PagerDuty limits it
LONGEST_SUMMARY = 1024  # characters, likewise
LARGEST_DETAILS = 400_000  # bytes; an event has up to 512 kB
OPTIONAL = ("timestamp", "component", "group", "class")

Body = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert, and what happened to it."""

    action: str
    dedup_key: str
    payload: Body
    links: list[Body] = field(default_factory=list)

    def event(self, client: str) -> dict[str, object]:
        """Return the event without its routing key; only a trigger has a payload."""
        event: dict[str, object] = {"event_action": self.action, "dedup_key": self.dedup_key}
        if self.action == "trigger":
            event |= {"payload": dict(self.payload), "links": self.links, "client": client}
        return event


def read(body: object, source: str) -> list[Alert]:
    """Return the alerts of a request: one of our own form, or all of an Alertmanager's.

    Args:
        body: The JSON of the request.
        source: What has the problem, when the sender does not say.

    Raises:
        RefusedError: If it is neither; the message says what is wrong.
    """
    if not isinstance(body, Mapping):
        raise RefusedError("the body must be a JSON object")
    told = body.get("alerts")
    if not isinstance(told, list):
        return [_own(body, source)]
    if body.get("version") != "4":
        raise RefusedError("of Alertmanager's messages, version 4 is understood")
    return [_of_alertmanager(_map(one, "alerts"), source) for one in told]


def _own(body: Body, source: str) -> Alert:
    action = _text(body, "action", "trigger")
    severity = _text(body, "severity", USUAL_SEVERITY)
    if action not in ACTIONS:
        raise RefusedError(f"action is one of {', '.join(ACTIONS)}")
    if severity not in SEVERITIES:
        raise RefusedError(f"severity is one of {', '.join(SEVERITIES)}")
    summary = _text(body, "summary") or _text(body, "text")
    payload = {
        "summary": summary,
        "source": _text(body, "source", source),
        "severity": severity,
        **{name: _text(body, name) for name in OPTIONAL if body.get(name)},
        "custom_details": _map(body.get("details", {}), "details"),
    }
    given = _text(body, "dedup_key")
    if action == "trigger" and not summary:
        raise RefusedError("summary must be a text that is not empty")
    if not given and not summary:
        raise RefusedError(f"to {action}, name the alert: its dedup_key, or what triggered it")
    link = _text(body, "link")
    return _alert(action, given or _key_of(payload), payload, link)


def _of_alertmanager(told: Body, source: str) -> Alert:
    action = ALERTMANAGER_ACTIONS.get(_text(told, "status"))
    if action is None:
        raise RefusedError("the status of an alert is firing or resolved")
    labels = _map(told.get("labels", {}), "labels")
    notes = _map(told.get("annotations", {}), "annotations")
    name = _text(labels, "alertname", "alert")
    place = _text(labels, "instance") or _text(labels, "job")
    usual = f"{name} on {place}" if place else name
    severity = _text(labels, "severity").lower()
    severity = SAME_SEVERITY.get(severity, severity)
    payload = {
        "summary": _text(notes, "summary") or _text(notes, "description") or usual,
        "source": place or source,
        "severity": severity if severity in SEVERITIES else USUAL_SEVERITY,
        "timestamp": _text(told, "startsAt"),
        "class": name,
        "custom_details": {"labels": dict(labels), "annotations": dict(notes)},
    }
    identity = _text(told, "fingerprint") or _digest(labels)
    return _alert(action, f"alertmanager/{identity}", payload, _text(told, "generatorURL"))


def _alert(action: str, dedup_key: str, payload: Body, link: str) -> Alert:
    """Return an alert that fits into what PagerDuty takes."""
    key = dedup_key if len(dedup_key) <= LONGEST_DEDUP_KEY else _digest(dedup_key)
    summary, details = str(payload["summary"]), payload["custom_details"]
    fitting = {name: value for name, value in payload.items() if value}
    if len(summary) > LONGEST_SUMMARY:
        fitting["summary"] = summary[: LONGEST_SUMMARY - 1] + "…"
    if len(json.dumps(details)) > LARGEST_DETAILS:
        fitting["custom_details"] = {"left out": "the details were larger than PagerDuty takes"}
    return Alert(action, key, fitting, [{"href": link}] if link else [])


def _key_of(payload: Body) -> str:
    """Return the same key for the same problem: a part that is broken, or else its summary.

    Summaries often hold numbers that change, so they count only when nothing else tells.
    """
    parts = [payload.get(name, "") for name in ("source", "group", "component", "class")]
    known = parts if any(parts[1:]) else [*parts, payload["summary"]]
    return _digest(known)


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _text(body: Body, name: str, usual: str = "") -> str:
    value = body.get(name)
    if value is None:
        return usual
    if not isinstance(value, str):
        raise RefusedError(f"{name} must be a text")
    return value or usual


def _map(value: object, name: str) -> Body:
    if not isinstance(value, Mapping):
        raise RefusedError(f"{name} must be an object")
    return value
