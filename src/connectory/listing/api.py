"""HTTP: GET /api/v1/connectors, the search of the catalog."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from connectory.access.actors import Visitor
from connectory.access.edge import ReadWork
from connectory.backends.search import Piece, Sort
from connectory.kernel.digest import digest_of
from connectory.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT, read_cursor, write_cursor
from connectory.listing import rules
from connectory.listing.find import Item, Results, find

router = APIRouter(prefix="/api/v1/connectors", tags=["catalog"])

NOT_MODIFIED = 304


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


class FoundList(BaseModel):
    """Connectors that match; `next` continues the list."""

    items: list[FoundView]
    facets: dict[str, list[CountView]]
    total: int
    next: str | None


@router.get("", response_model=FoundList)
def find_connectors(
    request: Request,
    work: ReadWork,
    by: Visitor,
    asked: Annotated[Filters, Query()],
    seen: Annotated[str, Header(alias="If-None-Match")] = "",
) -> Response:
    """Find connectors by words and filters; deprecated ones only when asked for."""
    key: bytes = request.app.state.cursor_key
    scope = _scope(asked)
    offset = int(read_cursor(key, scope, asked.cursor)[0]) if asked.cursor else 0
    filters = {name: getattr(asked, name) for name in rules.FILTERS}
    question = rules.ask(
        asked.q, filters=filters, sort=asked.sort, limit=asked.limit, offset=offset
    )
    results = find(work, request.app.state.backends.search, question, by)
    more = write_cursor(key, scope, [results.next]) if results.next else None
    return _answer(_list(results, more), seen)


def _scope(asked: Filters) -> str:
    """Name the list that a cursor belongs to: the same search, in the same order."""
    return "connectors " + digest_of(
        asked.model_dump_json(exclude={"cursor", "limit"}).encode()
    )


def _answer(found: FoundList, seen: str) -> Response:
    body = found.model_dump_json().encode()
    tag = f'"{digest_of(body)}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in {one.strip().removeprefix("W/") for one in seen.split(",")}:
        return Response(status_code=NOT_MODIFIED, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _list(results: Results, more: str | None) -> FoundList:
    return FoundList(
        items=[_view(item) for item in results.items],
        facets={
            name: [CountView(value=one.value, count=one.count) for one in counts]
            for name, counts in results.facets.items()
        },
        total=results.total,
        next=more,
    )


def _view(item: Item) -> FoundView:
    listing = item.listing
    return FoundView(
        namespace=listing.namespace,
        id=listing.id,
        version=listing.version,
        name=listing.name,
        description=listing.description,
        owner=listing.owner,
        team=listing.team,
        status=listing.status,
        tags=list(listing.tags),
        runtime=next(iter(listing.facets.get("runtime", ())), ""),
        risk=next(iter(listing.facets.get("risk", ())), ""),
        why=list(item.why),
        highlights={name: list(pieces) for name, pieces in item.highlights.items()},
        url=f"/c/{listing.key}",
    )
