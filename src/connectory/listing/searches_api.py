"""HTTP: /api/v1/searches, the searches that somebody saved."""

from fastapi import APIRouter, status
from pydantic import BaseModel

from connectory.access.actors import Operator, SignedIn
from connectory.access.bodies import Body
from connectory.access.edge import OpenWork, ReadWork
from connectory.kernel.clock import rfc3339
from connectory.listing import searches
from connectory.listing.searches import SavedSearch

router = APIRouter(prefix="/api/v1/searches", tags=["catalog"])


class SearchBody(Body):
    """A search to save; `query` is what its address has behind the `?`."""

    title: str
    query: str


class TitleBody(Body):
    """Another title of a saved search."""

    title: str


class SearchView(BaseModel):
    """A saved search; `url` is the page of its results."""

    id: str
    title: str
    query: str
    created_at: str
    url: str


class SearchList(BaseModel):
    """The saved searches of an account by title."""

    items: list[SearchView]


@router.get("")
def list_searches(work: ReadWork, by: SignedIn) -> SearchList:
    """List one's own saved searches."""
    return SearchList(items=[_view(each) for each in searches.of(work, by)])


@router.post("", status_code=status.HTTP_201_CREATED)
def save_search(body: SearchBody, work: OpenWork, by: Operator) -> SearchView:
    """Save a search."""
    return _view(searches.save(work, body.title, body.query, by))


@router.patch("/{search_id}", status_code=status.HTTP_204_NO_CONTENT)
def rename_search(search_id: str, body: TitleBody, work: OpenWork, by: Operator) -> None:
    """Give a saved search another title."""
    searches.rename(work, search_id, body.title, by)


@router.delete("/{search_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_search(search_id: str, work: OpenWork, by: Operator) -> None:
    """Delete a saved search."""
    searches.delete(work, search_id, by)


def _view(one: SavedSearch) -> SearchView:
    return SearchView(
        id=one.id,
        title=one.title,
        query=one.query,
        created_at=rfc3339(one.created_at),
        url=one.url,
    )
