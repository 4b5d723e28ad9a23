"""What this connector asks of the CRM: a lead, the newest lead, and to be told of new ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from connectory_sdk import Health, JsonApi, RefusedError, Secret, log


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
    """A client of the CRM's API."""

    def __init__(self, api_url: str, key: Secret, health: Health) -> None:
        self._api = JsonApi("the CRM", api_url, key, health, "crm")

    def lead(self, lead_id: str) -> Lead:
        """Return a lead.

        Raises:
            RefusedError: If there is no such lead.
            TryLaterError: If the CRM cannot say now.
        """
        path = f"/v1/leads/{quote(lead_id, safe='')}"
        status, found = self._api.ask("GET", path, also=HTTPStatus.NOT_FOUND)
        if status == HTTPStatus.NOT_FOUND:
            raise RefusedError(f"the CRM has no lead {lead_id}")
        return _lead(found)

    def newest(self) -> Lead | None:
        """Return the newest lead, or None when there is none."""
        _, page = self._api.ask("GET", "/v1/leads?limit=1")
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
        status, _ = self._api.ask("POST", "/v1/webhooks", wanted, also=HTTPStatus.CONFLICT)
        log.info("subscribed", new=status == HTTPStatus.CREATED)

    def unsubscribe(self, url: str) -> None:
        """Be told nothing more at this address, whatever its key; twice is no error."""
        for hook_id, _ in self._subscriptions(url):
            self._drop(hook_id)
        log.info("unsubscribed")

    def _subscriptions(self, url: str) -> list[tuple[str, str]]:
        _, page = self._api.ask("GET", "/v1/webhooks")
        hooks = [(str(hook.get("id")), str(hook.get("url"))) for hook in _items(page)]
        return [hook for hook in hooks if hook[1].partition("?")[0] == url.partition("?")[0]]

    def _drop(self, hook_id: str) -> None:
        path = f"/v1/webhooks/{quote(hook_id, safe='')}"
        self._api.ask("DELETE", path, also=HTTPStatus.NOT_FOUND)


def _items(page: Mapping[str, object]) -> list[dict[str, object]]:
    items = page.get("items")
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _lead(found: Mapping[str, object]) -> Lead:
    values = [str(found.get(name) or "") for name in ("id", "name", "email", "company")]
    return Lead(*values)
