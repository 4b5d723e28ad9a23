"""What this connector asks of the CRM: a lead, the newest lead, and to be told of new ones."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from urllib.parse import quote

from connectory_sdk import Health, RefusedError, Secret, TryLaterError, log

TIMEOUT_S = 10
TRIES = 4
LONGEST_WAIT_S = 4  # for one Retry-After; all tries fit into the deadline of a run
LATER_S = 60  # until a person may have repaired what is wrong
LARGEST_ANSWER = 1_000_000  # bytes
PASSING = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Lead:
    """Somebody who may become a customer."""

    id: str
    name: str
    email: str
    company: str

    def text(self) -> str:
        """Return the message for people, in one line."""
        company = f" ({self.company})" if self.company else ""
        return " ".join(f"New lead: {self.name}{company}, {self.email}".split())


class Crm:
    """A client of the CRM's API; it waits and repeats where the CRM asks for it."""

    def __init__(self, api_url: str, key: Secret, health: Health) -> None:
        self._api_url = api_url.rstrip("/")
        self._key = key
        self._health = health
        self._opener = urllib.request.build_opener(_NoRedirects)

    def lead(self, lead_id: str) -> Lead:
        """Return a lead.

        Raises:
            RefusedError: If there is no such lead.
            TryLaterError: If the CRM cannot say now.
        """
        path = f"/v1/leads/{quote(lead_id, safe='')}"
        status, found = self._ask("GET", path, also=HTTPStatus.NOT_FOUND)
        if status == HTTPStatus.NOT_FOUND:
            raise RefusedError(f"the CRM has no lead {lead_id}")
        return _lead(found)

    def newest(self) -> Lead | None:
        """Return the newest lead, or None when there is none."""
        _, page = self._ask("GET", "/v1/leads?limit=1")
        leads = _items(page)
        return _lead(leads[0]) if leads else None

    def subscribe(self, url: str) -> None:
        """Be told of new leads at this address. Doing it twice subscribes once.

        Subscriptions of the same address with another key are dropped: the key was replaced.
        """
        for hook_id, existing in self._subscriptions(url):
            if existing != url:
                self._drop(hook_id)
        wanted = {"url": url, "events": ["lead.created"]}
        status, _ = self._ask("POST", "/v1/webhooks", wanted, also=HTTPStatus.CONFLICT)
        log.info("subscribed", new=status == HTTPStatus.CREATED)

    def unsubscribe(self, url: str) -> None:
        """Be told nothing more at this address, whatever its key; twice is no error."""
        for hook_id, _ in self._subscriptions(url):
            self._drop(hook_id)
        log.info("unsubscribed")

    def _subscriptions(self, url: str) -> list[tuple[str, str]]:
        _, page = self._ask("GET", "/v1/webhooks")
        hooks = [(str(hook.get("id")), str(hook.get("url"))) for hook in _items(page)]
        return [hook for hook in hooks if hook[1].partition("?")[0] == url.partition("?")[0]]

    def _drop(self, hook_id: str) -> None:
        path = f"/v1/webhooks/{quote(hook_id, safe='')}"
        self._ask("DELETE", path, also=HTTPStatus.NOT_FOUND)

    def _ask(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *, also: int = 0
    ) -> tuple[int, dict[str, object]]:
        """Send a request until it is answered; return the answer when it is 2xx or `also`."""
        tries = 1
        status, wait_s, content = self._once(method, path, body)
        while status in PASSING:
            if tries == TRIES or wait_s > LONGEST_WAIT_S:
                raise TryLaterError(f"the CRM answered {status}", after_s=wait_s)
            log.warn("the CRM is busy", status=status, retry_in_s=wait_s)
            time.sleep(wait_s)
            tries += 1
            status, wait_s, content = self._once(method, path, body)
        if status >= HTTPStatus.MULTIPLE_CHOICES and status != also:
            raise self._trouble(status)
        self._health.clear("crm")
        return status, content

    def _once(
        self, method: str, path: str, body: Mapping[str, object] | None
    ) -> tuple[int, int, dict[str, object]]:
        """Send a request; return status, seconds to wait before a repetition, and content."""
        request = urllib.request.Request(  # noqa: S310  the address is the team's own setting
            self._api_url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self._key.reveal()}",
                "Content-Type": "application/json",
            },
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                return answer.status, 0, _object(answer.read(LARGEST_ANSWER))
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _wait_s(error.headers.get("Retry-After", "")), {}
        except (OSError, HTTPException) as error:
            self._health.fail("crm", f"the CRM does not answer: {error}")
            raise TryLaterError("the CRM does not answer") from error

    def _trouble(self, status: int) -> TryLaterError:
        denied = status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
        hint = "replace the secret crm_api_key" if denied else "check crm_api_url"
        self._health.fail("crm", f"the CRM answered {status}; {hint}")
        return TryLaterError(f"the CRM answered {status}", after_s=LATER_S)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the key would go along to wherever it points."""

    def redirect_request(self, *_request: object) -> None:
        """Say that there is nowhere to go."""


def _object(raw: bytes) -> dict[str, object]:
    try:
        content = json.loads(raw) if raw else {}
    except ValueError:
        raise TryLaterError("the CRM's answer is not JSON") from None
    if not isinstance(content, dict):
        raise TryLaterError("the CRM's answer is not a JSON object")
    return content


def _items(page: Mapping[str, object]) -> list[dict[str, object]]:
    items = page.get("items")
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _lead(found: Mapping[str, object]) -> Lead:
    values = [str(found.get(name) or "") for name in ("id", "name", "email", "company")]
    return Lead(*values)


def _wait_s(retry_after: str) -> int:
    return int(retry_after) if retry_after.isdecimal() else 1
