"""Find connectors: items with the reason they match, and counts to narrow down by."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from connectory.access.rules import Actor
from connectory.backends.search import Found, Hit, Piece, Search
from connectory.catalog import read as catalog
from connectory.catalog.read import Listing
from connectory.listing import rules
from connectory.listing.rules import FILTERS, Question
from connectory.work import Work

MAX_SHOWN = 50  # values of one facet


@dataclass(frozen=True, slots=True)
class Item:
    """One found connector, why it was found, and the fields with what matched in them."""

    listing: Listing
    why: tuple[str, ...]
    highlights: Mapping[str, tuple[Piece, ...]]


@dataclass(frozen=True, slots=True)
class Count:
    """A value to filter by, and how many connectors the search would find with it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Results:
    """A page of what was found; `next` is the offset of the next one, None at the end.

    The next one has to be asked for with the same `generation`. `instead` is what the words
    were taken for where nothing is spelled like them.
    """

    items: tuple[Item, ...]
    facets: Mapping[str, tuple[Count, ...]]
    total: int
    next: int | None
    generation: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Wider:
    """A part of a search (a filter, `words`, `deprecated`), and the total without it."""

    part: str
    total: int


def find(work: Work, search: Search, question: Question, reader: Actor) -> Results:
    """Answer a question with what the reader may see."""
    found = search.find(rules.query(question, reader))
    listings = catalog.listings(work, [hit.key for hit in found.hits])
    items = [_item(listings[hit.key], hit) for hit in found.hits if hit.key in listings]
    return Results(
        items=tuple(item for item in items if rules.can_see(item.listing, reader)),
        facets=facets(found, question),
        total=found.total,
        next=following(found, question),
        generation=found.generation,
        instead=" ".join(found.instead),
    )


def facets(found: Found, question: Question) -> dict[str, tuple[Count, ...]]:
    """Return what can be filtered by, with the most frequent values of each."""
    return {
        name: tuple(Count(*one) for one in ranked(found, name, question)) for name in FILTERS
    }


def following(found: Found, question: Question) -> int | None:
    """Return the offset of the next page, None at the end."""
    behind = question.offset + len(found.hits)
    return behind if found.hits and behind < found.total else None


def everything(search: Search, reader: Actor) -> Found:
    """Answer what the reader may see in all: how many connectors, and the values they have."""
    return search.find(rules.query(Question(limit=1), reader))


def wider(search: Search, question: Question, reader: Actor) -> tuple[Wider, ...]:
    """Say what a search that finds nothing would find if one of its parts was left out."""
    others = {
        name: replace(question, kept=_without(question.kept, name)) for name in question.kept
    }
    if question.words:
        others[rules.WORDS] = replace(question, words=())
    if question.examples:
        others[rules.EXAMPLE] = replace(question, examples=())
    if question.since:
        others[rules.UPDATED_SINCE] = replace(question, since=None)
    if "status" not in question.kept:
        deprecated = {**question.kept, "status": (rules.DEPRECATED,)}
        others[rules.DEPRECATED] = replace(question, kept=deprecated)
    totals = {part: search.total(rules.query(other, reader)) for part, other in others.items()}
    return tuple(Wider(part, total) for part, total in totals.items() if total)


def _without(kept: Mapping[str, tuple[str, ...]], name: str) -> dict[str, tuple[str, ...]]:
    return {other: values for other, values in kept.items() if other != name}


def _item(listing: Listing, hit: Hit) -> Item:
    return Item(listing, rules.reasons(hit.matched), highlights(hit))


def highlights(hit: Hit) -> dict[str, tuple[Piece, ...]]:
    """Return the fields with what matched in them."""
    return {name: rules.joined(values) for name, values in hit.matched.items()}


def ranked(found: Found, name: str, question: Question) -> list[tuple[str, int]]:
    """Return the most frequent values with their counts, first what the question keeps to."""
    chosen = question.kept.get(name, ())
    counts = found.counts[name]
    if chosen:
        counts = {**dict.fromkeys(chosen, 0), **counts}
    order = sorted(counts)
    order.sort(key=counts.__getitem__, reverse=True)  # equal ones stay in order
    if chosen:
        order.sort(key=lambda value: value not in chosen)
    return [(value, counts[value]) for value in order[:MAX_SHOWN]]
