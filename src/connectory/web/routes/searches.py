"""The reader's saved searches: POST /searches saves one, the page renames and deletes."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from connectory.access.actors import Operator, SignedIn
from connectory.access.edge import Opener, Opening, ReadWork
from connectory.access.rules import Actor
from connectory.kernel.errors import ConnectoryError
from connectory.listing import searches
from connectory.web.answering import REFUSED, Entered, see_other, show, trouble_of
from connectory.web.pages.search import SavedPage, SavedRow
from connectory.work import Work

router = APIRouter(include_in_schema=False)

PAGE = "/searches"
DONE = {
    "saved": "The search is saved",
    "renamed": "The search has its new title",
    "deleted": "The search is deleted",
}
"""What was just done, by the word that the address has for it."""


@router.get(PAGE)
def show_searches(
    request: Request, work: ReadWork, by: SignedIn, done: Annotated[str, Query()] = ""
) -> HTMLResponse:
    """Show the reader's saved searches."""
    page = SavedPage(saved_rows(work, by), done=DONE.get(done, ""))
    return show(request, page)


@router.post(PAGE)
def save(request: Request, entered: Entered, opener: Opening, by: Operator) -> Response:
    """Save a search."""
    title, query = entered.get("title", ""), entered.get("query", "")
    try:
        with opener.write() as work:
            searches.save(work, title, query, by)
    except ConnectoryError as refused:
        return _refused(request, opener, by, refused)
    return _done("saved")


@router.post(PAGE + "/{search_id}")
def rename(
    request: Request, search_id: str, entered: Entered, opener: Opening, by: Operator
) -> Response:
    """Give a saved search another title."""
    try:
        with opener.write() as work:
            searches.rename(work, search_id, entered.get("title", ""), by)
    except ConnectoryError as refused:
        return _refused(request, opener, by, refused)
    return _done("renamed")


@router.post(PAGE + "/{search_id}/delete")
def delete(search_id: str, opener: Opening, by: Operator) -> Response:
    """Delete a saved search."""
    with opener.write() as work:
        searches.delete(work, search_id, by)
    return _done("deleted")


def saved_rows(work: Work, by: Actor) -> tuple[SavedRow, ...]:
    """Return the reader's saved searches as rows; none while nobody is signed in."""
    return tuple(SavedRow(one.id, one.title, one.url) for one in searches.of(work, by))


def _done(what: str) -> Response:
    return see_other(f"{PAGE}?{urlencode({'done': what})}")


def _refused(
    request: Request, opener: Opener, by: Actor, refused: ConnectoryError
) -> HTMLResponse:
    trouble = trouble_of(refused)
    with opener.read() as work:
        page = SavedPage(saved_rows(work, by), (trouble,))
    return show(request, page, REFUSED)
