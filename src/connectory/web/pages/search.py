"""Search results with facets. The form is plain GET; script only saves the reload."""

from dataclasses import dataclass
from typing import ClassVar

from connectory.web.parts import Card, Link, Option, Trouble, Twin


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value to filter by, and how many results it would leave."""

    value: str
    label: str
    count: int
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """One group of filters; `name` is its query parameter."""

    name: str
    title: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force; `url` is the same search without it."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class SavedRow:
    """A search that the reader saved."""

    id: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class SavedPage:
    """The reader's saved searches, to rename and delete. Template: searches.html."""

    template: ClassVar[str] = "searches.html"

    rows: tuple[SavedRow, ...]
    troubles: tuple[Trouble, ...] = ()
    done: str = ""  # what has just been done, in words


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What a search found. Template: search.html."""

    template: ClassVar[str] = "search.html"

    query: str
    cards: tuple[Card, ...]
    total: int
    facets: tuple[Facet, ...]
    chips: tuple[Chip, ...] = ()
    sort: str = "best"
    sorts: tuple[Option, ...] = (
        Option("best", "Best match"),
        Option("name", "Name"),
        Option("updated", "Recently updated"),
    )
    first_url: str = ""  # empty on the first page
    next_url: str = ""  # empty on the last page
    instead: str = ""  # what mistyped words were taken for
    example: str = ""  # words of samples of use to keep to
    updated_since: str = ""
    suggestions: tuple[Link, ...] = ()  # shown when nothing was found
    twins: tuple[Twin, ...] = ()
    catalog_is_empty: bool = False
    saved: tuple[SavedRow, ...] = ()
    to_save: str | None = None  # the query that can be saved; None when nobody is signed in
