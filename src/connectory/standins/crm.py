"""Plays a small CRM: leads, and webhooks that tell about new ones.

    GET    /v1/leads?limit=&cursor=   newest first: {"items", "next_cursor": text or null};
                                      &updated_since=: those changed then or later, in the order
                                      of their changes
    POST   /v1/leads                  {"name", "email", "company"}: 201 and the lead
    GET    /v1/leads/{id}             the lead, or 404
    PATCH  /v1/leads/{id}             some of its fields: the lead, or 404
    GET    /v1/webhooks               {"items": [...]}
    POST   /v1/webhooks               {"url", "events": ["lead.created"]}: 201, or 409 when the
                                      address is subscribed already
    DELETE /v1/webhooks/{id}          204, or 404

All need `Authorization: Bearer <api key>`. Errors are `{"error": {"code", "message"}}`; a rate
limit is 429 with `Retry-After`. For each new lead every webhook gets
`{"id", "event": "lead.created", "created_at", "lead_id"}` and must answer 2xx; anything else is
repeated a few times.

`POST /_leads` creates a lead without a key, as somebody at the CRM's own page would;
`GET /_subscriptions` lists the addresses that webhooks lead to.
"""

import hmac
import json
import re
import secrets
import threading
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from connectory.kernel import clock
from connectory.standins.deliveries import Deliveries
from connectory.standins.serving import Answer, Call, RateLimit

CRM_API_KEY = "crm-demo-connectory"
EVENTS = frozenset({"lead.created"})
FIELDS = ("name", "email", "company")
CALLS_PER_S = 50  # per key
PAGE = 50
LARGEST_PAGE = 100
LONGEST_TEXT = 200  # characters of a field
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
LEAD = re.compile(r"/v1/leads/([A-Za-z0-9_]+)")
WEBHOOK = re.compile(r"/v1/webhooks/([A-Za-z0-9_]+)")
USUAL_ERRORS: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limited",
    HTTPStatus.SERVICE_UNAVAILABLE: "unavailable",
}
Row = dict[str, object]


class _CrmError(Exception):
    """Ends a request with an error."""

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = Answer(status, {"error": {"code": code, "message": message}})


class Crm:
    """Leads and webhooks.

    Args:
        file: Where both survive a restart, as a CRM does not forget; None keeps them in memory.
        calls_per_s: Rate limit per key.
    """

    def __init__(self, file: Path | None = None, calls_per_s: int = CALLS_PER_S) -> None:
        self._file = file
        self._limit = RateLimit(calls_per_s)
        self._lock = threading.Lock()
        self._received: list[Row] = []
        self._deliveries = Deliveries()
        kept = json.loads(file.read_text()) if file is not None and file.exists() else {}
        self._leads: list[Row] = kept.get("leads", [])
        self._webhooks: list[Row] = kept.get("webhooks", [])

    def answer(self, call: Call) -> Answer:
        """Answer an API request, or the switch `POST /_leads`."""
        try:
            if (call.method, call.path) == ("POST", "/_leads"):
                return self._create_lead(call)
            if (call.method, call.path) == ("GET", "/_subscriptions"):
                return self._list_subscriptions()
            self._check(call)
            return self._route(call)
        except _CrmError as error:
            return error.answer

    def failure(self, status: int, error: str, retry_after: int) -> Answer:
        """Return a failure in this CRM's form."""
        code = error or USUAL_ERRORS.get(status, "internal_error")
        limited = status == HTTPStatus.TOO_MANY_REQUESTS
        headers = {"Retry-After": str(retry_after)} if limited else {}
        return Answer(status, {"error": {"code": code, "message": "asked to fail"}}, headers)

    def received(self) -> list[Row]:
        """Return the accepted leads and webhooks, oldest first."""
        with self._lock:
            return list(self._received)

    def forget(self) -> None:
        """Forget what was accepted; leads and webhooks stay."""
        with self._lock:
            self._received.clear()

    def close(self) -> None:
        """Stop delivering."""
        self._deliveries.close()

    def _check(self, call: Call) -> None:
        key = call.bearer()
        if not hmac.compare_digest(key.encode(), CRM_API_KEY.encode()):
            raise _CrmError(
                HTTPStatus.UNAUTHORIZED, "unauthorized", "the API key is missing or unknown"
            )

    def _route(self, call: Call) -> Answer:
        if not self._limit.allows(call.bearer()):
            return self.failure(HTTPStatus.TOO_MANY_REQUESTS, "", 1)
        collections = {
            ("GET", "/v1/leads"): self._list_leads,
            ("POST", "/v1/leads"): self._create_lead,
            ("GET", "/v1/webhooks"): self._list_webhooks,
            ("POST", "/v1/webhooks"): self._create_webhook,
        }
        serve = collections.get((call.method, call.path))
        if serve is not None:
            return serve(call)
        if lead := LEAD.fullmatch(call.path):
            return self._one_lead(call, lead[1])
        if call.method == "DELETE" and (webhook := WEBHOOK.fullmatch(call.path)):
            return self._delete_webhook(webhook[1])
        raise _CrmError(HTTPStatus.NOT_FOUND, "not_found", f"no {call.method} {call.path}")

    def _list_leads(self, call: Call) -> Answer:
        limit = call.query.get("limit", str(PAGE))
        cursor = call.query.get("cursor", "0")
        if not limit.isdecimal() or not 1 <= int(limit) <= LARGEST_PAGE:
            raise _unprocessable(f"limit is 1 to {LARGEST_PAGE}")
        leads = self._changed_since(call.query.get("updated_since", ""))
        ids = [str(lead["id"]) for lead in leads]
        if cursor != "0" and cursor not in ids:
            raise _unprocessable("cursor is not one that this list gave out")
        start = 0 if cursor == "0" else ids.index(cursor) + 1
        end = start + int(limit)
        following = ids[end - 1] if end < len(ids) else None
        return Answer(HTTPStatus.OK, {"items": leads[start:end], "next_cursor": following})

    def _changed_since(self, since: str) -> list[Row]:
        """Return the leads changed then or later, oldest change first; all, newest first."""
        with self._lock:
            if not since:
                return self._leads[::-1]
            changed = [lead for lead in self._leads if str(lead["updated_at"]) >= since]
        return sorted(changed, key=lambda lead: (str(lead["updated_at"]), str(lead["id"])))

    def _one_lead(self, call: Call, wanted: str) -> Answer:
        if call.method == "PATCH":
            return self._update_lead(call, wanted)
        if call.method != "GET":
            raise _CrmError(HTTPStatus.NOT_FOUND, "not_found", f"no {call.method} {call.path}")
        with self._lock:
            return Answer(HTTPStatus.OK, _find(self._leads, wanted))

    def _create_lead(self, call: Call) -> Answer:
        now = clock.rfc3339(clock.now())
        lead: Row = {
            "id": f"lead_{secrets.token_hex(8)}",
            **_contact(_object(call)),
            "created_at": now,
            "updated_at": now,
        }
        with self._lock:
            self._leads.append(lead)
            self._note("lead", lead)
            urls = [str(webhook["url"]) for webhook in self._webhooks]
        event = {"event": "lead.created", "created_at": now, "lead_id": lead["id"]}
        for url in urls:
            self._deliveries.send(url, {"id": f"evt_{secrets.token_hex(8)}", **event})
        return Answer(HTTPStatus.CREATED, lead)

    def _update_lead(self, call: Call, wanted: str) -> Answer:
        given = _object(call)
        with self._lock:
            place = self._leads.index(_find(self._leads, wanted))
            before = self._leads[place]
            fields = {name: given.get(name, before[name]) for name in FIELDS}
            now = clock.rfc3339(clock.now())
            lead = {**before, **_contact(fields), "updated_at": now}
            self._leads[place] = lead
            self._save()
        return Answer(HTTPStatus.OK, lead)

    def _list_subscriptions(self) -> Answer:
        with self._lock:
            return Answer(HTTPStatus.OK, [webhook["url"] for webhook in self._webhooks])

    def _list_webhooks(self, _call: Call) -> Answer:
        with self._lock:
            return Answer(HTTPStatus.OK, {"items": list(self._webhooks)})

    def _create_webhook(self, call: Call) -> Answer:
        given = _object(call)
        url, events = given.get("url"), given.get("events")
        if not isinstance(url, str) or not _is_http(url):
            raise _unprocessable("url is not an http or https address")
        if not isinstance(events, list) or not events or not set(map(str, events)) <= EVENTS:
            raise _unprocessable(f"events are some of {sorted(EVENTS)}")
        webhook: Row = {
            "id": f"hook_{secrets.token_hex(8)}",
            "url": url,
            "events": events,
            "created_at": clock.rfc3339(clock.now()),
        }
        with self._lock:
            if any(existing["url"] == url for existing in self._webhooks):
                raise _CrmError(HTTPStatus.CONFLICT, "webhook_exists", "already subscribed")
            self._webhooks.append(webhook)
            self._note("webhook", webhook)
        return Answer(HTTPStatus.CREATED, webhook)

    def _delete_webhook(self, webhook: str) -> Answer:
        with self._lock:
            found = _find(self._webhooks, webhook)
            self._webhooks.remove(found)
            self._save()
        self._deliveries.end(str(found["url"]))
        return Answer(HTTPStatus.NO_CONTENT)

    def _note(self, kind: str, row: Row) -> None:
        """Remember that a row was accepted; called with the lock held."""
        self._received.append({"kind": kind, **row, "at": row["created_at"]})
        self._save()

    def _save(self) -> None:
        """Keep everything, written aside and renamed; called with the lock held."""
        if self._file is None:
            return
        aside = self._file.with_suffix(".new")
        aside.write_text(json.dumps({"leads": self._leads, "webhooks": self._webhooks}))
        aside.replace(self._file)


def _contact(given: Mapping[str, object]) -> Row:
    """Return the fields of a lead that somebody may write, checked."""
    contact: Row = {name: _text(given, name, required=name != "company") for name in FIELDS}
    if not EMAIL.fullmatch(str(contact["email"])):
        raise _unprocessable("email is not an e-mail address")
    return contact


def _find(rows: list[Row], wanted: str) -> Row:
    found = next((row for row in rows if row["id"] == wanted), None)
    if found is None:
        raise _CrmError(HTTPStatus.NOT_FOUND, "not_found", f"there is no {wanted}")
    return found


def _object(call: Call) -> Mapping[str, object]:
    try:
        return call.object()
    except ValueError as error:
        raise _CrmError(HTTPStatus.BAD_REQUEST, "bad_json", str(error)) from None


def _text(given: Mapping[str, object], name: str, *, required: bool = True) -> str:
    value = given.get(name, "")
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or (required and not value):
        raise _unprocessable(f"{name} is a text of up to {LONGEST_TEXT} characters")
    return value


def _unprocessable(message: str) -> _CrmError:
    return _CrmError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", message)


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0  # reading it checks it
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and has_port
        and url.isascii()
    )
