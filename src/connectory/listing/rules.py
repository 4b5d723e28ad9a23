"""What a search means: its syntax, who may find what, what is hidden, why something matched.

    crm slack tag:alert owner:bizops -status:deprecated uses:"google sheets" example:invoice

A word with a known filter before its colon filters, `-` before it excludes, quotes make a text
literal. Everything else, however odd, is words to look for; there is no syntax error.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from types import MappingProxyType
from typing import ClassVar

from connectory.access.rules import Actor, Role
from connectory.backends.search import WEIGHTS, Piece, Query, Sort
from connectory.catalog.read import Listing
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.paging import DEFAULT_LIMIT

FILTERS = ("status", "domain", "runtime", "risk", "owner", "tag", "team", "uses")
"""What can be filtered by, in the order in which a page shows it."""

EXAMPLE, UPDATED_SINCE = "example", "updated_since"
NARROWING = (*FILTERS, EXAMPLE, UPDATED_SINCE)
"""Those, and what narrows a search without being counted: words of samples of use, a time."""

WORDS = "words"
"""What is looked for without a filter, where its parts are named."""

MAX_TEXT = 500  # characters of a search
MAX_WORDS = 16
MAX_VALUES = 50  # of all filters of a search together
MAX_REASONS = 3
MAX_REASON = 80  # characters of a value that is told whole

DEPRECATED, APPROVED = "deprecated", "approved"
EVERYONE = "everyone"

TERM = re.compile(
    r"""(?P<minus>-?)(?P<filter>[a-z_]+):(?:"(?P<quoted>[^"]+)"|(?P<plain>[^\s"]+))(?!\S)"""
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


class BadMomentError(ConnectoryError):
    """A search is limited to a time that is not written as one."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "bad-moment"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"`{text[:60]}` is not a time",
            hint="write a day, 2026-11-24, or a time with its zone, 2026-11-24T07:15:00Z",
            field=UPDATED_SINCE,
        )


@dataclass(frozen=True, slots=True)
class Question:
    """A search as a reader means it."""

    words: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    since: datetime | None = None
    kept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    excluded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = Sort.BEST
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    generation: str = ""  # of the index, when a search goes on; "" for the newest


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
    """Read what somebody typed, and add the filters (`NARROWING`) that were chosen beside it.

    Raises:
        BadQueryError: If the text or the filters are longer than the limits; `position` is the
            first character too many.
        BadMomentError: If `updated_since` is chosen and no time.
    """
    if len(text) > MAX_TEXT:
        raise BadQueryError("characters", MAX_TEXT, MAX_TEXT)
    read = _read(text)
    for name, values in filters.items():
        read.kept.setdefault(name, []).extend(values)
    examples = [word for each in read.kept.pop(EXAMPLE, ()) for word in each.split()]
    moments = [moment(each) for each in read.kept.pop(UPDATED_SINCE, ()) if each]
    kept, excluded = _folded(read.kept), _folded(read.excluded)
    if sum(map(len, (*kept.values(), *excluded.values()))) > MAX_VALUES:
        raise BadQueryError("filter values", MAX_VALUES, len(text))
    if len(examples) > MAX_WORDS:
        raise BadQueryError("words", MAX_WORDS, len(text))
    return Question(
        words=tuple(read.words),
        examples=tuple(examples),
        since=max(moments, default=None),
        kept=kept,
        excluded=excluded,
        sort=sort,
        limit=limit,
        offset=offset,
    )


def moment(text: str) -> datetime:
    """Read a day (it begins at midnight, UTC) or a time with its zone.

    Raises:
        BadMomentError: If it is neither.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadMomentError(text) from None
    if found.tzinfo is None:
        if len(text) > len("2026-11-24"):
            raise BadMomentError(text)
        found = found.replace(tzinfo=UTC)
    return found


def without(text: str, part: str) -> str:
    """Return what somebody typed without one filter, or without its `WORDS`."""
    left = [term for term in TERM.finditer(text) if _part(term) != part]
    return " ".join(term.group() for term in left)


def _part(term: re.Match[str]) -> str:
    """Name the part of a search that a term belongs to; what it excludes is no part."""
    if not _is_filter(term):
        return WORDS
    return "" if term["minus"] else term["filter"]


def _is_filter(term: re.Match[str]) -> bool:
    name, value = term["filter"], term["quoted"] or term["plain"]
    if not value or name not in NARROWING:
        return False
    if name in FILTERS:
        return True
    return not term["minus"] and (name == EXAMPLE or _is_moment(value))


def _is_moment(text: str) -> bool:
    try:
        moment(text)
    except BadMomentError:
        return False
    return True


def _read(text: str) -> _Read:
    read = _Read()
    for term in TERM.finditer(text):
        if _is_filter(term):
            value = term["quoted"] or term["plain"]
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
        examples=question.examples,
        since=question.since,
        facets={**question.kept, **visible(reader)},
        excluded=excluded,
        preferred={"status": (APPROVED,)},
        sort=question.sort,
        limit=question.limit,
        offset=question.offset,
        generation=question.generation,
    )


def audience(listing: Listing) -> str:
    """Say who may find a listing: everyone, or the team whose drafts are all there is."""
    return f"team:{listing.team}" if listing.drafts_only else EVERYONE


def visible(reader: Actor) -> dict[str, tuple[str, ...]]:
    """Return the audiences that the reader belongs to; none at all filters nothing."""
    if reader.is_admin:
        return {"audience": ()}
    return {"audience": (EVERYONE, *(f"team:{team}" for team in sorted(reader.teams)))}


def can_see(listing: Listing, reader: Actor) -> bool:
    """Whether the reader may see a listing as it is now; the index may be a moment behind."""
    return not listing.drafts_only or reader.has_role(Role.VIEWER, listing.team)


def reasons(matched: Mapping[str, tuple[tuple[Piece, ...], ...]]) -> tuple[str, ...]:
    """Say in words why a listing was found: `tag “alert”`. The best reasons come first."""
    found = (
        f"{NAMES.get(name, name)} “{text}”"
        for name in sorted(matched, key=lambda name: -WEIGHTS[name])
        for text in dict.fromkeys(_reason(name, value) for value in matched[name])
    )
    return tuple(islice(found, MAX_REASONS))


def _reason(name: str, value: tuple[Piece, ...]) -> str:
    """Return a short value whole, and of a sentence the words that were found."""
    whole = "".join(text for text, _ in value)
    if name in {"tags", "uses", "examples"} and len(whole) <= MAX_REASON:
        return whole
    return " ".join(dict.fromkeys(text for text, is_match in value if is_match))


def joined(values: tuple[tuple[Piece, ...], ...]) -> tuple[Piece, ...]:
    """Return the pieces of several values as one text, separated by commas."""
    first, *others = values
    return (*first, *(piece for value in others for piece in ((", ", False), *value)))
