"""Searches that somebody saved to make them again."""

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode

from connectory.access.rules import Actor, NotSignedInError
from connectory.backends.search import Sort
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.ids import new_id
from connectory.listing import rules, search_store
from connectory.listing.search_store import SavedSearch
from connectory.work import Event, Work

__all__ = ["SavedSearch", "delete", "of", "rename", "save"]

MOST = 50  # of one account
MOST_TITLE = 100  # characters
MOST_QUERY = 2000  # characters
WORDS, SORT = "q", "sort"


@dataclass(frozen=True, slots=True)
class SearchSaved(Event):
    """Somebody saved a search."""

    title: str
    query: str


@dataclass(frozen=True, slots=True)
class SearchRenamed(Event):
    """Somebody gave a saved search another title."""

    title: str


@dataclass(frozen=True, slots=True)
class SearchDeleted(Event):
    """Somebody deleted a saved search."""


class SearchMissingError(ConnectoryError):
    """There is no such saved search, or it is somebody else's."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "search-missing"

    def __init__(self, search_id: str) -> None:
        super().__init__(
            f"you have no saved search {search_id[:40]}",
            hint="list yours with `connectory searches list`",
        )


class SearchRefusedError(ConnectoryError):
    """A search cannot be saved as it was sent."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "search-refused"

    def __init__(self, message: str, hint: str, field: str) -> None:
        super().__init__(message, hint=hint, field=field)


class TooManySearchesError(ConnectoryError):
    """An account has saved as many searches as it can."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "too-many-searches"

    def __init__(self) -> None:
        super().__init__(
            f"you have saved {MOST} searches already",
            hint="delete one first: `connectory searches delete ID`",
        )


def of(work: Work, by: Actor) -> list[SavedSearch]:
    """Return the actor's saved searches by title; none while nobody is signed in."""
    return [] if by.is_anonymous else search_store.of(work, by.name)


def save(work: Work, title: str, query: str, by: Actor) -> SavedSearch:
    """Save a search; `query` is what its address has behind the `?`.

    Raises:
        NotSignedInError: If nobody is signed in.
        SearchRefusedError: If the title or the query cannot be kept.
        SearchTooLongError, TooManyValuesError: If no search could be so long.
        TooManySearchesError: If the account has as many as it can.
    """
    if by.is_anonymous:
        raise NotSignedInError
    new = SavedSearch(new_id("ss"), by.name, _title(title), _normal(query), work.now)
    if len(search_store.of(work, by.name)) >= MOST:
        raise TooManySearchesError
    search_store.add(work, new)
    work.emit(SearchSaved(subject=new.id, team="", title=new.title, query=new.query))
    return new


def rename(work: Work, search_id: str, title: str, by: Actor) -> None:
    """Give a saved search of the actor's another title.

    Raises:
        SearchRefusedError: If the title cannot be kept.
        SearchMissingError: If the actor has no such search.
    """
    kept = _title(title)
    if not search_store.rename(work, by.name, search_id, kept):
        raise SearchMissingError(search_id)
    work.emit(SearchRenamed(subject=search_id, team="", title=kept))


def delete(work: Work, search_id: str, by: Actor) -> None:
    """Delete a saved search of the actor's.

    Raises:
        SearchMissingError: If the actor has no such search.
    """
    if not search_store.remove(work, by.name, search_id):
        raise SearchMissingError(search_id)
    work.emit(SearchDeleted(subject=search_id, team=""))


def _title(title: str) -> str:
    kept = title.strip()
    if not 1 <= len(kept) <= MOST_TITLE:
        raise SearchRefusedError(
            f"the title has {len(kept)} characters", f"use 1 to {MOST_TITLE}", "title"
        )
    return kept


def _normal(query: str) -> str:
    """Return the query with its parts in one order, if each of them can be searched for."""
    if len(query) > MOST_QUERY:
        raise SearchRefusedError(
            f"the search has {len(query)} characters", f"use up to {MOST_QUERY}", "query"
        )
    pairs = parse_qsl(query.removeprefix("?"))
    known = (WORDS, *rules.NARROWING, SORT)
    for name, value in pairs:
        if name not in known or (name == SORT and value not in set(Sort)):
            raise SearchRefusedError(
                f"there is no search by `{name[:40]}={value[:40]}`",
                f"use: {', '.join(known)}",
                "query",
            )
    chosen = {each: [v for name, v in pairs if name == each] for each in known}
    chosen[WORDS] = chosen[WORDS][-1:]
    filters = {name: chosen[name] for name in rules.NARROWING}
    rules.ask("".join(chosen[WORDS]), filters=filters)
    return urlencode([(name, value) for name in known for value in chosen[name]])
