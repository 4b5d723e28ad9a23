"""HTTP: GET /api/v1/connectors, the search of the catalog."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from connectory.access.actors import Visitor
from connectory.access.edge import Opener, Opening, in_turn
from connectory.access.frequent import FrequentRoute
from connectory.access.rules import Actor
from connectory.backends.search import Piece, Search, Sort
from connectory.catalog import read as catalog
from connectory.catalog.told import members
from connectory.kernel.digest import digest_of
from connectory.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT, read_cursor, write_cursor
from connectory.listing import cards, rules
from connectory.listing.find import following, wider
from connectory.listing.rules import Question

router = APIRouter(prefix="/api/v1/connectors", tags=["catalog"], route_class=FrequentRoute)


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
async def find_connectors(
    request: Request,
    opener: Opening,
    by: Visitor,
    asked: Annotated[Filters, Query()],
) -> Response:
    """Find connectors by words and filters; deprecated ones only when asked for."""
    key: bytes = request.app.state.cursor_key
    search: Search = request.app.state.backends.search

    def answer() -> Response:
        question = _question(asked, key)
        body = _found(
            opener, search, question, by, lambda at: write_cursor(key, _scope(asked), at)
        )
        return Response(body, media_type="application/json")

    return answer() if _is_quick(asked, opener) else await in_turn(request, answer)


def _is_quick(asked: Filters, opener: Opener) -> bool:
    """Whether no words are looked for and no table is read: then it is bits and sorted lists.

    That takes less than it costs to hand it to another thread and back.
    """
    has_words = asked.q.strip() or asked.example or asked.updated_since
    return not (has_words or asked.cursor or opener.works.latest.touched)


def _question(asked: Filters, key: bytes) -> Question:
    filters = {name: getattr(asked, name) for name in (*rules.FILTERS, rules.EXAMPLE)}
    filters[rules.UPDATED_SINCE] = [asked.updated_since]
    question = rules.ask(asked.q, filters=filters, sort=asked.sort, limit=asked.limit)
    if not asked.cursor:
        return question
    offset, generation = read_cursor(key, _scope(asked), asked.cursor)
    return replace(question, offset=int(offset), generation=str(generation))


def _scope(asked: Filters) -> str:
    """Name the list that a cursor belongs to: the same search, in the same order."""
    return "connectors " + digest_of(
        asked.model_dump_json(exclude={"cursor", "limit"}).encode()
    )


def _found(
    opener: Opener,
    search: Search,
    question: Question,
    reader: Actor,
    cursor: Callable[[list[str | int]], str],
) -> bytes:
    """Write a `FoundList`.

    The index tells of a connector what its last change was, but for the changes that it has not
    followed yet. An older state of it, which a page goes on with, does not even tell that.
    """
    behind = catalog.touched(opener.works.latest)  # before the index is asked
    asked = rules.query(question, reader)
    found = search.find(asked)
    if question.generation:
        behind = frozenset(hit.key for hit in found.hits)
    items = cards.written(found.hits, cards.fresh(opener, found.hits, reader, behind))
    at = following(found, question)
    others = () if found.total else wider(search, question, reader)
    rest = {
        "total": found.total,
        "next": cursor([at, found.generation]) if at else None,
        "instead": " ".join(found.instead),
        "wider": [{"part": one.part, "total": one.total} for one in others],
    }
    counts = cards.counted(found, question, asked)
    return b'{"items":[%b],"facets":{%b},%b}' % (b",".join(items), counts, members(rest))
