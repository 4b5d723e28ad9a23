"""HTTP: GET /api/v1/connectors, the search of the catalog."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from connectory.access.actors import Visitor
from connectory.access.edge import Opening
from connectory.backends.search import Piece, Sort
from connectory.kernel.digest import digest_of
from connectory.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT, read_cursor, write_cursor
from connectory.listing import rules
from connectory.listing.find import Item, Results, Wider, find, wider

router = APIRouter(prefix="/api/v1/connectors", tags=["catalog"])


class Filters(BaseModel):
    """What to find. A filter given several times keeps to any of its values."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(default="", description="Words, and filters such as `tag:alert`.")
    tag: list[str] = []
    owner: list[str] = []
    team: list[str] = []
    domain: list[str] = []
    runtime: list[str] = []
    risk: list[str] = []
    status: list[str] = []
    uses: list[str] = []
    example: list[str] = Field(default=[], description="Words of a sample of use.")
    updated_since: str = Field(
        default="", description="A day (2026-11-24) or a time (2026-11-24T07:15:00Z)."
    )
    sort: Sort = Sort.BEST
    cursor: str = ""
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)


class FoundView(BaseModel):
    """One found connector. Highlights are pieces of text, each with whether it matched."""

    namespace: str
    id: str
    version: str
    name: str
    description: str
    owner: str
    team: str
    status: str
    tags: list[str]
    runtime: str
    risk: str
    why: list[str]
    highlights: dict[str, list[Piece]]
    url: str


class CountView(BaseModel):
    """A value to filter by, and how many connectors there are with it."""

    value: str
    count: int


class WiderView(BaseModel):
    """What to leave out of the search (a filter, `words`), and the total without it.

    The part `deprecated` stands for leaving out that those are hidden.
    """

    part: str
    total: int


class FoundList(BaseModel):
    """Connectors that match; `next` continues the list as it was when it began.

    `instead` is what mistyped words were taken for. Where nothing matches, `wider` says what
    would match with one part of the search left out.
    """

    items: list[FoundView]
    facets: dict[str, list[CountView]]
    total: int
    next: str | None
    instead: str
    wider: list[WiderView]


@router.get("", response_model=FoundList)
def find_connectors(
    request: Request,
    opener: Opening,
    by: Visitor,
    asked: Annotated[Filters, Query()],
) -> Response:
    """Find connectors by words and filters; deprecated ones only when asked for."""
    key: bytes = request.app.state.cursor_key
    scope = _scope(asked)
    filters = {name: getattr(asked, name) for name in (*rules.FILTERS, rules.EXAMPLE)}
    filters[rules.UPDATED_SINCE] = [asked.updated_since]
    question = rules.ask(asked.q, filters=filters, sort=asked.sort, limit=asked.limit)
    if asked.cursor:
        offset, generation = read_cursor(key, scope, asked.cursor)
        question = replace(question, offset=int(offset), generation=str(generation))
    search = request.app.state.backends.search
    with opener.read() as work:
        results = find(work, search, question, by)
    more = None
    if results.next:
        more = write_cursor(key, scope, [results.next, results.generation])
    others = () if results.total else wider(search, question, by)
    return JSONResponse(_list(results, more, others))


def _scope(asked: Filters) -> str:
    """Name the list that a cursor belongs to: the same search, in the same order."""
    return "connectors " + digest_of(
        asked.model_dump_json(exclude={"cursor", "limit"}).encode()
    )


def _list(results: Results, more: str | None, others: tuple[Wider, ...]) -> dict[str, object]:
    """Return a `FoundList` as plain values: checking what was just made costs half a search."""
    return {
        "items": [_view(item) for item in results.items],
        "facets": {
            name: [{"value": one.value, "count": one.count} for one in counts]
            for name, counts in results.facets.items()
        },
        "total": results.total,
        "next": more,
        "instead": results.instead,
        "wider": [{"part": one.part, "total": one.total} for one in others],
    }


def _view(item: Item) -> dict[str, object]:
    """Return a `FoundView`."""
    listing = item.listing
    return {
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
        "why": item.why,
        "highlights": item.highlights,
        "url": f"/c/{listing.key}",
    }
