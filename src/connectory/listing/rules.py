"""What a search means: its syntax, who may find what, what is hidden, why something matched.

    crm slack tag:alert owner:bizops -status:deprecated uses:"google sheets"

A word with a known filter before its colon filters, `-` before it excludes, quotes make a text
literal. Everything else, however odd, is words to look for; there is no syntax error.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

from connectory.access.rules import Actor, Role
from connectory.backends.search import WEIGHTS, Piece, Query, Sort
from connectory.catalog.read import Listing
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.paging import DEFAULT_LIMIT

FILTERS = ("status", "domain", "runtime", "risk", "owner", "tag", "team", "uses")
"""What can be filtered by, in the order in which a page shows it."""

MAX_TEXT = 500  # characters of a search
MAX_WORDS = 16
MAX_VALUES = 50  # of all filters of a search together
MAX_REASONS = 3

DEPRECATED, APPROVED = "deprecated", "approved"
EVERYONE = "everyone"

TERM = re.compile(
    r"""(?P<minus>-?)(?P<filter>[a-z]+):(?:"(?P<quoted>[^"]+)"|(?P<plain>[^\s"]+))(?!\S)"""
    r"""|"(?P<literal>[^"]*)"(?!\S)"""
    r"""|(?P<word>\S+)"""
)
NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})
NAMES = {"tags": "tag", "examples": "example"}  # of fields, where one value is meant


class BadQueryError(ConnectoryError):
    """A search is longer, or has more words or filters, than the server looks for."""

    kind: ClassVar[Kind] = Kind.MALFORMED
    code: ClassVar[str] = "bad-query"

    def __init__(self, what: str, limit: int, position: int) -> None:
        super().__init__(
            f"the search has more than {limit} {what}",
            hint=f"keep to {limit} {what}",
            field="q",
            position=position,
        )


@dataclass(frozen=True, slots=True)
class Question:
    """A search as a reader means it."""

    words: tuple[str, ...] = ()
    kept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    excluded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = Sort.BEST
    limit: int = DEFAULT_LIMIT
    offset: int = 0


@dataclass(slots=True)
class _Read:
    """What was read of a search so far."""

    words: list[str] = field(default_factory=list)
    kept: dict[str, list[str]] = field(default_factory=dict)
    excluded: dict[str, list[str]] = field(default_factory=dict)


def ask(
    text: str,
    *,
    filters: Mapping[str, Iterable[str]] = NOTHING,
    sort: Sort = Sort.BEST,
    limit: int = DEFAULT_LIMIT,
    offset: int = 0,
) -> Question:
    """Read what somebody typed, and add the filters that were chosen beside it.

    Raises:
        BadQueryError: If the text or the filters are longer than the limits; `position` is the
            first character too many.
    """
    if len(text) > MAX_TEXT:
        raise BadQueryError("characters", MAX_TEXT, MAX_TEXT)
    read = _read(text)
    for name, values in filters.items():
        read.kept.setdefault(name, []).extend(values)
    kept, excluded = _folded(read.kept), _folded(read.excluded)
    if sum(map(len, (*kept.values(), *excluded.values()))) > MAX_VALUES:
        raise BadQueryError("filter values", MAX_VALUES, len(text))
    return Question(tuple(read.words), kept, excluded, sort, limit, offset)


def _read(text: str) -> _Read:
    read = _Read()
    for term in TERM.finditer(text):
        value = term["quoted"] or term["plain"]
        if value and term["filter"] in FILTERS:
            side = read.excluded if term["minus"] else read.kept
            side.setdefault(term["filter"], []).append(value)
        else:
            read.words += (term["literal"] or term.group()).split()
        if len(read.words) > MAX_WORDS:
            raise BadQueryError("words", MAX_WORDS, term.start())
    return read


def _folded(values: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    folded = {
        name: tuple(dict.fromkeys(facet_values(name, found))) for name, found in values.items()
    }
    return {name: found for name, found in folded.items() if found}


def facet_values(facet: str, values: Iterable[str]) -> Iterable[str]:
    """Return values as the index compares them: lower case, owners without their mail host."""
    for value in values:
        plain = value.strip().casefold()
        plain = plain.partition("@")[0] if facet == "owner" else plain
        if plain:
            yield plain


def query(question: Question, reader: Actor) -> Query:
    """Return what the index is asked, so that it finds only what the reader may see."""
    excluded = dict(question.excluded)
    if DEPRECATED not in question.kept.get("status", ()):
        excluded["status"] = (*excluded.get("status", ()), DEPRECATED)
    return Query(
        words=question.words,
        facets={**question.kept, "audience": _audiences(reader)},
        excluded=excluded,
        preferred={"status": (APPROVED,)},
        sort=question.sort,
        limit=question.limit,
        offset=question.offset,
    )


def audience(listing: Listing) -> str:
    """Say who may find a listing: everyone, or the team whose drafts are all there is."""
    return f"team:{listing.team}" if listing.drafts_only else EVERYONE


def _audiences(reader: Actor) -> tuple[str, ...]:
    """Return the audiences that the reader belongs to; none at all filters nothing."""
    if reader.is_admin:
        return ()
    return (EVERYONE, *(f"team:{team}" for team in sorted(reader.teams)))


def can_see(listing: Listing, reader: Actor) -> bool:
    """Whether the reader may see a listing as it is now; the index may be a moment behind."""
    return not listing.drafts_only or reader.has_role(Role.VIEWER, listing.team)


def reasons(matched: Mapping[str, tuple[tuple[Piece, ...], ...]]) -> tuple[str, ...]:
    """Say in words why a listing was found: `tag “alert”`. The best reasons come first."""
    found = [
        f"{NAMES.get(name, name)} “{text}”"
        for name in sorted(matched, key=lambda name: -WEIGHTS[name])
        for text in dict.fromkeys(_reason(name, value) for value in matched[name])
    ]
    return tuple(found[:MAX_REASONS])


def _reason(name: str, value: tuple[Piece, ...]) -> str:
    """Return a short value whole, and of a sentence the words that were found."""
    if name in {"tags", "uses", "examples"}:
        return "".join(text for text, _ in value)
    return " ".join(dict.fromkeys(text for text, is_match in value if is_match))


def joined(values: tuple[tuple[Piece, ...], ...]) -> tuple[Piece, ...]:
    """Return the pieces of several values as one text, separated by commas."""
    first, *others = values
    return (*first, *(piece for value in others for piece in ((", ", False), *value)))
