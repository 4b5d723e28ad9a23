"""GET /connectors: the catalog, searched and filtered. Everything is in the URL."""

from collections.abc import Iterable, Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from connectory.access.actors import Visitor
from connectory.access.edge import ReadWork
from connectory.backends.search import Sort
from connectory.listing import rules
from connectory.listing.find import Count, Results, find
from connectory.web.answering import show
from connectory.web.marks import VETTING
from connectory.web.pages.search import Chip, Facet, FacetValue, SearchPage
from connectory.web.parts import Link
from connectory.web.routes.cards import card_of

router = APIRouter(include_in_schema=False)

PAGE_SIZE = 20
MOST_PAGES = 500
SHOWN_VALUES = 10


class Asked(BaseModel):
    """What the address asks for. Words that it does not know are left alone."""

    q: str = ""
    status: list[str] = []
    domain: list[str] = []
    runtime: list[str] = []
    risk: list[str] = []
    owner: list[str] = []
    tag: list[str] = []
    team: list[str] = []
    uses: list[str] = []
    sort: Sort = Sort.BEST
    page: int = Field(default=1, ge=1, le=MOST_PAGES)

    def filters(self) -> dict[str, list[str]]:
        """Return the values of each filter."""
        return {name: getattr(self, name) for name in rules.FILTERS}

    def url(self, page: int = 1, without: tuple[str, str] = ("", "")) -> str:
        """Return the address of this search, of another page, or without one filter."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [
            (name, value)
            for name, values in self.filters().items()
            for value in values
            if (name, value) != without
        ]
        pairs += [("sort", self.sort)] if self.sort is not Sort.BEST else []
        pairs += [("page", str(page))] if page > 1 else []
        return "/connectors" + (f"?{urlencode(pairs)}" if pairs else "")


@router.get("/connectors")
def search(
    request: Request, work: ReadWork, by: Visitor, asked: Annotated[Asked, Query()]
) -> HTMLResponse:
    """Show what a search finds, why, and how to narrow it down."""
    index = request.app.state.backends.search
    offset = (asked.page - 1) * PAGE_SIZE
    question = rules.ask(
        asked.q, filters=asked.filters(), sort=asked.sort, limit=PAGE_SIZE, offset=offset
    )
    results = find(work, index, question, by)
    is_empty = not results.total and not find(work, index, rules.ask("", limit=1), by).total
    return show(request, _page(asked, results, catalog_is_empty=is_empty))


def _page(asked: Asked, results: Results, *, catalog_is_empty: bool) -> SearchPage:
    filters = asked.filters()
    is_filtered = any(filters.values())
    words_only = f"/connectors?{urlencode({'q': asked.q})}"
    return SearchPage(
        query=asked.q,
        cards=tuple(
            card_of(item.listing, why=item.why, highlights=item.highlights)
            for item in results.items
        ),
        total=results.total,
        facets=tuple(_facets(results.facets, filters)),
        chips=tuple(
            Chip(
                f"{name.capitalize()}: {_label(name, value)}", asked.url(without=(name, value))
            )
            for name, values in filters.items()
            for value in values
        ),
        sort=asked.sort,
        first_url=asked.url() if asked.page > 1 else "",
        next_url=asked.url(asked.page + 1) if results.next else "",
        suggestions=(Link("Search without filters", words_only),) if is_filtered else (),
        catalog_is_empty=catalog_is_empty,
    )


def _facets(
    counts: Mapping[str, tuple[Count, ...]], filters: Mapping[str, Iterable[str]]
) -> Iterable[Facet]:
    for name, values in counts.items():
        chosen = set(rules.facet_values(name, filters[name]))
        shown = tuple(
            FacetValue(one.value, _label(name, one.value), one.count, one.value in chosen)
            for one in values[:SHOWN_VALUES]
        )
        if len(shown) > 1 or chosen:
            yield Facet(name, name.capitalize(), shown)


def _label(name: str, value: str) -> str:
    return VETTING[value].word if name == "status" and value in VETTING else value
