"""GET /connectors: the catalog, searched and filtered. Everything is in the URL."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from connectory.access.actors import Visitor
from connectory.access.edge import ReadWork
from connectory.backends.search import Found, Sort
from connectory.listing import rules
from connectory.listing.find import Count, Results, Wider, everything, find, wider
from connectory.listing.rules import Question
from connectory.web.answering import show
from connectory.web.marks import VETTING
from connectory.web.pages.search import Chip, Facet, FacetValue, SearchPage
from connectory.web.parts import Link
from connectory.web.routes.cards import card_of
from connectory.web.routes.searches import saved_rows
from connectory.web.sheets import twins_of

router = APIRouter(include_in_schema=False)

PAGE_SIZE = 20
MOST_PAGES = 500
SHOWN_VALUES = 10
PARTS = {
    rules.WORDS: "words",
    rules.EXAMPLE: "the sample of use",
    rules.UPDATED_SINCE: "the day",
}
"""Parts of a search that are no filters by value, as people name them."""


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
    example: str = ""
    updated_since: str = ""
    sort: Sort = Sort.BEST
    page: int = Field(default=1, ge=1, le=MOST_PAGES)

    def filters(self) -> dict[str, list[str]]:
        """Return the values of each filter."""
        return {name: getattr(self, name) for name in rules.FILTERS}

    def question(self) -> Question:
        """Return what is asked, as the catalog understands it.

        Raises:
            BadQueryError, BadMomentError: If it cannot be asked.
        """
        narrowing = {rules.EXAMPLE: [self.example], rules.UPDATED_SINCE: [self.updated_since]}
        return rules.ask(
            self.q,
            filters={**self.filters(), **narrowing},
            sort=self.sort,
            limit=PAGE_SIZE,
            offset=(self.page - 1) * PAGE_SIZE,
        )

    def wider(self, part: str) -> str:
        """Return the address of this search without one part that `Wider` names."""
        if part == rules.DEPRECATED:
            return self.model_copy(update={"page": 1, "status": [rules.DEPRECATED]}).url()
        left: dict[str, object] = {"page": 1, "q": rules.without(self.q, part)}
        if part in rules.FILTERS:
            left[part] = []
        elif part in {rules.EXAMPLE, rules.UPDATED_SINCE}:
            left[part] = ""
        return self.model_copy(update=left).url()

    def url(self, page: int = 1, without: tuple[str, str] = ("", "")) -> str:
        """Return the address of this search, of another page, or without one filter."""
        return "/connectors" + (f"?{pairs}" if (pairs := self.query(page, without)) else "")

    def query(self, page: int = 1, without: tuple[str, str] = ("", "")) -> str:
        """Return what the address has behind its question mark."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [
            (name, value)
            for name, values in self.filters().items()
            for value in values
            if (name, value) != without
        ]
        said = {"example": self.example, "updated_since": self.updated_since}
        pairs += [(name, value) for name, value in said.items() if value and name != without[0]]
        pairs += [("sort", self.sort)] if self.sort is not Sort.BEST else []
        pairs += [("page", str(page))] if page > 1 else []
        return urlencode(pairs)


@router.get("/connectors")
def search(
    request: Request, work: ReadWork, by: Visitor, asked: Annotated[Asked, Query()]
) -> HTMLResponse:
    """Show what a search finds, why, and how to narrow it down."""
    index = request.app.state.backends.search
    question = asked.question()
    results = find(work, index, question, by)
    known = everything(index, by)
    page = _page(asked, results, known)
    if not by.is_anonymous:
        query = asked.model_copy(update={"page": 1}).query()
        page = replace(page, saved=saved_rows(work, by), to_save=query)
    if not results.total:
        suggestions = _suggestions(asked, wider(index, question, by))
        page = replace(page, catalog_is_empty=not known.total, suggestions=suggestions)
    return show(request, page)


def _page(asked: Asked, results: Results, known: Found) -> SearchPage:
    return SearchPage(
        query=asked.q,
        cards=tuple(
            card_of(item.listing, why=item.why, highlights=item.highlights)
            for item in results.items
        ),
        total=results.total,
        facets=tuple(_facets(asked, results.facets, known)),
        chips=tuple(_chips(asked)),
        sort=asked.sort,
        first_url=asked.url() if asked.page > 1 else "",
        next_url=asked.url(asked.page + 1) if results.next else "",
        instead=results.instead,
        example=asked.example,
        updated_since=asked.updated_since,
        twins=twins_of("/connectors", asked.query()),
    )


def _chips(asked: Asked) -> Iterator[Chip]:
    for name, values in asked.filters().items():
        for value in values:
            text = f"{name.capitalize()}: {_label(name, value)}"
            yield Chip(text, asked.url(without=(name, value)))
    if asked.example:
        yield Chip(f"Sample of use: {asked.example}", asked.url(without=(rules.EXAMPLE, "")))
    if asked.updated_since:
        since = asked.url(without=(rules.UPDATED_SINCE, ""))
        yield Chip(f"Updated since {asked.updated_since}", since)


def _suggestions(asked: Asked, others: Iterable[Wider]) -> tuple[Link, ...]:
    """Say what leaving out each part would find, or else lead to the words alone."""
    found = tuple(
        Link(f"{_leaving(one.part)} ({one.total})", asked.wider(one.part)) for one in others
    )
    if found or asked == Asked(q=asked.q):
        return found
    return (Link("Search without filters", Asked(q=asked.q).url()),)


def _leaving(part: str) -> str:
    if part == rules.DEPRECATED:
        return "Show deprecated ones"
    return f"Search without {PARTS.get(part, f'the filter {part}')}"


def _facets(
    asked: Asked, counts: Mapping[str, tuple[Count, ...]], known: Found
) -> Iterable[Facet]:
    """Offer the values that the search has, and where there are few, dim ones that it lacks."""
    for name, values in counts.items():
        chosen = set(rules.facet_values(name, asked.filters()[name]))
        counted = {one.value: one.count for one in values}
        absent = sorted(known.counts[name].keys() - counted.keys())
        shown = tuple(
            FacetValue(value, _label(name, value), counted.get(value, 0), value in chosen)
            for value in [*counted, *absent][:SHOWN_VALUES]
        )
        if len(shown) > 1 or chosen:
            yield Facet(name, name.capitalize(), shown)


def _label(name: str, value: str) -> str:
    return VETTING[value].word if name == "status" and value in VETTING else value
