"""Connectors that do much the same: candidates from the index, compared one by one."""

from collections.abc import Callable
from dataclasses import dataclass

from connectory.access.rules import ANONYMOUS, Actor
from connectory.backends.search import Model, Search
from connectory.catalog import read as catalog
from connectory.catalog.read import Listing
from connectory.catalog.views import SimilarView
from connectory.checks.rules import Alike
from connectory.listing import rules
from connectory.listing.likeness import LEAST, Likeness, Profile, likeness, profile
from connectory.manifest.model import Manifest
from connectory.work import Work, Works

CANDIDATES = 40
MOST = 5


@dataclass(frozen=True, slots=True)
class Similar:
    """A connector that is like another one."""

    listing: Listing
    likeness: Likeness


def similar(
    work: Work, search: Search, manifest: Manifest, key: str, reader: Actor
) -> tuple[Similar, ...]:
    """Return the connectors most like a manifest, best first; `key` is its own, left out.

    Only what the reader may see and what is not deprecated is compared.
    """
    own = profile(manifest)
    model = Model(
        words=own.words(),
        facets={
            "uses": tuple(rules.facet_values("uses", own.systems)),
            "tag": tuple(rules.facet_values("tag", own.tags)),
        },
        kept=rules.visible(reader),
        excluded={"status": (rules.DEPRECATED,)},
        limit=CANDIDATES + 1,
    )
    found = catalog.listings(work, set(search.like(model)) - {key})
    seen = [one for one in found.values() if rules.can_see(one, reader)]
    compared = [Similar(one, likeness(own, _profile(one))) for one in seen]
    alike = [one for one in compared if one.likeness.score >= LEAST]
    alike.sort(key=lambda one: (-one.likeness.score, one.listing.key))
    return tuple(alike[:MOST])


def nearest(search: Search) -> Callable[[Work, Manifest, str, Actor], list[SimilarView]]:
    """Return what finds the connectors like a manifest, for slices that know no index."""

    def find(work: Work, manifest: Manifest, key: str, reader: Actor) -> list[SimilarView]:
        return views(similar(work, search, manifest, key, reader))

    return find


def duplicates(works: Works, search: Search) -> Callable[[str, Manifest], list[Alike]]:
    """Return what finds the connectors like one that is checked, among those for everybody."""

    def find(key: str, manifest: Manifest) -> list[Alike]:
        with works.read() as work:
            found = similar(work, search, manifest, key, ANONYMOUS)
        return [
            Alike(one.listing.key, one.likeness.score, tuple(one.likeness.reasons))
            for one in found
        ]

    return find


def views(found: tuple[Similar, ...]) -> list[SimilarView]:
    """Describe connectors that are like another one."""
    return [
        SimilarView(
            namespace=one.listing.namespace,
            id=one.listing.id,
            version=one.listing.version,
            name=one.listing.name,
            description=one.listing.description,
            status=one.listing.status,
            score=one.likeness.score,
            reasons=list(one.likeness.reasons),
            url=f"/c/{one.listing.key}",
        )
        for one in found
    ]


def _profile(listing: Listing) -> Profile:
    systems = frozenset(listing.uses)
    return Profile(
        systems=systems,
        triggers=frozenset(listing.triggers),
        tags=frozenset(listing.facets.get("tag", ())) - systems,
        name=f"{listing.id} {listing.name}",
        text=listing.description,
    )
