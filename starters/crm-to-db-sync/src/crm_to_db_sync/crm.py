"""What this connector asks of the CRM: the leads that changed."""

from dataclasses import dataclass
from urllib.parse import urlencode

from connectory_sdk import Health, JsonApi, Secret, TryLaterError

PAGE = 100


@dataclass(frozen=True, slots=True)
class Lead:
    """Somebody who may become a customer. Times are RFC 3339."""

    id: str
    name: str
    email: str
    company: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Page:
    """Leads in the order of their changes; `cursor` continues behind them, empty at the end."""

    leads: tuple[Lead, ...]
    cursor: str


class Crm:
    """A client of the CRM's API."""

    def __init__(self, api_url: str, key: Secret, health: Health) -> None:
        self._api = JsonApi("the CRM", api_url, key, health, "crm")

    def changed_since(self, since: str, *, cursor: str = "", limit: int = PAGE) -> Page:
        """Return leads that changed at a time or later, oldest change first.

        Args:
            since: The time; all leads changed after the beginning of time.
            cursor: The one of the page before, asked with the same `since`.
            limit: Most leads.

        Raises:
            TryLaterError: If the CRM cannot say now.
        """
        asked = {"updated_since": since or "0", "limit": limit, "cursor": cursor or "0"}
        _, page = self._api.ask("GET", f"/v1/leads?{urlencode(asked)}")
        items, following = page.get("items"), page.get("next_cursor")
        if not isinstance(items, list):
            raise TryLaterError("the CRM's answer has no leads")
        return Page(tuple(map(_lead, items)), str(following or ""))


def _lead(found: object) -> Lead:
    if not isinstance(found, dict) or not found.get("id") or not found.get("updated_at"):
        raise TryLaterError("the CRM's answer has a lead without id or time")
    return Lead(*(str(found.get(name) or "") for name in Lead.__slots__))
