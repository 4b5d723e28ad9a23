"""What the home page shows of the catalog without a search."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from connectory.access.rules import Actor
from connectory.backends.search import Search, Sort
from connectory.catalog import read as catalog
from connectory.catalog.read import ConnectorAmbiguousError, ConnectorMissingError, Listing
from connectory.catalog.rules import Status
from connectory.listing import rules
from connectory.listing.find import find
from connectory.work import Work


@dataclass(frozen=True, slots=True)
class Pick:
    """A connector to start with. `connector` is `ns/id`, or a bare id that is the only one."""

    title: str
    connector: str


@dataclass(frozen=True, slots=True)
class Picked:
    """A pick that exists, with its listing."""

    title: str
    listing: Listing


PICKS = (
    Pick("Onboard your team to Slack alerts", "slack-alerts"),
    Pick("CRM sync (standard)", "crm-to-slack-v1"),
    Pick("Cost monitor (daily)", "cost-monitor-v1"),
)


def picked(work: Work, reader: Actor, picks: Iterable[Pick] = PICKS) -> tuple[Picked, ...]:
    """Return those picks that are approved, in their order."""
    keys: dict[str, str] = {}
    for pick in picks:
        with suppress(ConnectorMissingError, ConnectorAmbiguousError):
            keys[catalog.resolve(work, pick.connector, reader).key] = pick.title
    found = catalog.listings(work, keys)
    return tuple(
        Picked(title, found[key])
        for key, title in keys.items()
        if found[key].status is Status.APPROVED
    )


def recently_approved(
    work: Work, search: Search, reader: Actor, limit: int = 6
) -> tuple[Listing, ...]:
    """Return the connectors whose shown version was approved last, newest first."""
    approved = {"status": (Status.APPROVED,)}
    asked = rules.ask("", filters=approved, sort=Sort.UPDATED, limit=limit)
    return tuple(item.listing for item in find(work, search, asked, reader).items)
