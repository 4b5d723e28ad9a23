"""Search results with facets. The form is plain GET; script only saves the reload."""

from dataclasses import dataclass
from typing import ClassVar

from connectory.web.parts import Card, Link, Option


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
    suggestions: tuple[Link, ...] = ()  # shown when nothing was found
    catalog_is_empty: bool = False
