"""The index follows the catalog: it reads the event log and describes what has changed."""

from collections.abc import Iterator

from connectory.backends.search import Document, Search
from connectory.catalog import read as catalog
from connectory.catalog.add import VersionPublished
from connectory.catalog.decide import VersionStatusChanged
from connectory.catalog.read import Listing
from connectory.listing import rules
from connectory.listing.cards import card
from connectory.work import Work, log, seal

BATCH = 500  # events or connectors that are read at once
LISTED = frozenset({VersionPublished.__name__, VersionStatusChanged.__name__})
"""The events that change what a listing says; their subjects are versions."""


def catch_up(work: Work, search: Search, limit: int = BATCH) -> int:
    """Follow up to `limit` changes; return how many. Call again until it returns 0.

    An index that was lost, or that is ahead of the log (a database restored from a backup), is
    rebuilt instead.
    """
    position, head = search.position(), seal.head(work.db).position
    if position == head:
        return 0
    if not 0 < position < head:
        rebuild(work, search)
        return head
    events = log.sealed_after(work.db, position, limit, kinds=LISTED)
    if not events and head - position < BATCH:
        return 0  # to commit the index costs more than to look at the others once more
    reached = events[-1].position if len(events) == limit else head
    touched = {event.subject.partition("@")[0] for event in events}
    found = catalog.listings(work, touched)
    search.put(
        map(document, found.values()), position=reached or head, gone=touched - found.keys()
    )
    return len(events)


def rebuild(work: Work, search: Search) -> None:
    """Describe the whole catalog anew; readers find the old state until all is done."""
    head = seal.head(work.db).position
    search.replace(_documents(work), position=head)


def document(listing: Listing) -> Document:
    """Describe a listing for the index."""
    facets = {
        "owner": (listing.owner,),
        "team": (listing.team, *listing.facets.get("team", ())),
        "status": (listing.status,),
        "uses": listing.uses,
        **{name: listing.facets.get(name, ()) for name in ("tag", "domain", "runtime", "risk")},
    }
    values = {
        name: tuple(set(rules.facet_values(name, found))) for name, found in facets.items()
    }
    return Document(
        key=listing.key,
        texts={
            "id": (listing.id,),
            "name": (listing.name,),
            "tags": listing.tags,
            "uses": listing.uses,
            "examples": listing.examples,
            "owner": tuple(dict.fromkeys((listing.owner, listing.team, listing.namespace))),
            "description": (listing.description,),
        },
        facets=values | {"audience": (rules.audience(listing),)},
        updated=listing.updated_at,
        told=card(listing),
        body=listing.body,
    )


def _documents(work: Work) -> Iterator[Document]:
    keys = catalog.all_keys(work, limit=BATCH)
    while keys:
        yield from map(document, catalog.listings(work, keys).values())
        keys = catalog.all_keys(work, after=keys[-1], limit=BATCH)
