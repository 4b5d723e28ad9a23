"""The JSON of found connectors, written when they are indexed and not when they are found."""

from collections.abc import Iterable, Iterator

from connectory.access.edge import Opener
from connectory.access.rules import Actor
from connectory.backends.search import Found, Hit, Query
from connectory.catalog import read as catalog
from connectory.catalog.read import Listing
from connectory.catalog.told import members
from connectory.listing import rules
from connectory.listing.find import highlights, ranked
from connectory.listing.rules import FILTERS, Question

MOST_COUNTED = 256  # questions; then all are forgotten
_COUNTED: dict[object, bytes] = {}
NO_WORDS = members({"why": [], "highlights": {}})  # were looked for


def card(listing: Listing) -> bytes:
    """Write the members of a `FoundView` that do not depend on what was looked for."""
    return members(
        {
            "namespace": listing.namespace,
            "id": listing.id,
            "version": listing.version,
            "name": listing.name,
            "description": listing.description,
            "owner": listing.owner,
            "team": listing.team,
            "status": listing.status,
            "tags": listing.tags,
            "runtime": next(iter(listing.facets.get("runtime", ())), ""),
            "risk": next(iter(listing.facets.get("risk", ())), ""),
            "url": f"/c/{listing.key}",
        }
    )


def fresh(
    opener: Opener, hits: Iterable[Hit], reader: Actor, behind: frozenset[str]
) -> dict[str, bytes]:
    """Return the cards of those hits that the index may be behind of, as they are now.

    What the reader may not see any more has an empty one.
    """
    old = [hit.key for hit in hits if hit.key in behind]
    if not old:
        return {}
    with opener.read() as work:
        found = catalog.listings(work, old)
    seen = {key: card(one) for key, one in found.items() if rules.can_see(one, reader)}
    return {key: seen.get(key, b"") for key in old}


def written(hits: Iterable[Hit], instead: dict[str, bytes]) -> Iterator[bytes]:
    """Yield a `FoundView` for each hit; some cards are taken from elsewhere than the hit."""
    for hit in hits:
        told = instead.get(hit.key, hit.told)
        if told:
            yield b"{%b,%b}" % (told, _why(hit) if hit.matched else NO_WORDS)


def _why(hit: Hit) -> bytes:
    return members({"why": rules.reasons(hit.matched), "highlights": highlights(hit)})


def counted(found: Found, question: Question, asked: Query) -> bytes:
    """Write the members of `facets`: the values of each filter and how many have them.

    Without words few questions are ever asked of one state of the index: these are kept.
    """
    if asked.words or asked.examples or asked.since:
        return _counted(found, question)
    key = (
        found.generation,
        frozenset(asked.facets.items()),
        frozenset(asked.excluded.items()),
    )
    known = _COUNTED.get(key)
    if known is None:
        known = _counted(found, question)
        if len(_COUNTED) >= MOST_COUNTED:
            _COUNTED.clear()
        _COUNTED[key] = known
    return known


def _counted(found: Found, question: Question) -> bytes:
    return members(
        {
            name: [{"value": value, "count": n} for value, n in ranked(found, name, question)]
            for name in FILTERS
        }
    )
