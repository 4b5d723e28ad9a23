"""What the home page shows of the catalog without a search."""

from connectory.access.rules import Actor
from connectory.backends.search import Search, Sort
from connectory.catalog.read import Listing
from connectory.catalog.rules import Status
from connectory.listing import rules
from connectory.listing.find import find
from connectory.work import Work


def recently_approved(
    work: Work, search: Search, reader: Actor, limit: int = 6
) -> tuple[Listing, ...]:
    """Return the connectors whose shown version was approved last, newest first."""
    approved = {"status": (Status.APPROVED,)}
    asked = rules.ask("", filters=approved, sort=Sort.UPDATED, limit=limit)
    return tuple(item.listing for item in find(work, search, asked, reader).items)
