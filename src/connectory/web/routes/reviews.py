"""GET /reviews: what waits for sign-offs."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from connectory.access.actors import SignedIn
from connectory.access.edge import ReadWork
from connectory.access.rules import Reviewer
from connectory.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT, read_position, write_position
from connectory.vetting import review_read, review_views
from connectory.vetting.review_read import Age, Standing
from connectory.vetting.rules import UNDECIDED, ReviewState
from connectory.web.answering import show
from connectory.web.marks import REVIEW
from connectory.web.pages.reviews import QueuePage, QueueRow
from connectory.web.parts import Option
from connectory.web.render import HOUR, MINUTE
from connectory.work import Work

router = APIRouter(include_in_schema=False)

CURSOR = "reviews page"
AGES = (
    Option("", "Any time"),
    Option(Age.SOON, "Due within 4 hours"),
    Option(Age.OVERDUE, "Overdue"),
)


class Asked(BaseModel):
    """Which reviews the address asks for; without a state the undecided ones."""

    role: Reviewer | None = None
    state: ReviewState | None = None
    age: Age | None = None
    mine: bool = False
    cursor: str = ""
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)


@router.get("/reviews")
def list_reviews(
    request: Request, work: ReadWork, by: SignedIn, asked: Annotated[Asked, Query()]
) -> HTMLResponse:
    """List the reviews that the reader may see, those that wait longest first."""
    key: bytes = request.app.state.cursor_key
    wanted = review_read.Wanted(
        role=asked.role,
        state=asked.state,
        is_mine=asked.mine,
        age=asked.age,
        after=read_position(key, CURSOR, asked.cursor),
        limit=asked.limit,
    )
    found = review_read.queue(work, wanted, by)
    next_url = ""
    if found.next is not None:
        cursor = write_position(key, CURSOR, found.next)
        next_url = _address({**_said(asked), "cursor": cursor})
    page = QueuePage(
        rows=tuple(_row(work, one) for one in review_read.standings(work, found.reviews)),
        role=asked.role or "",
        state=asked.state or "",
        age=asked.age or "",
        mine=asked.mine,
        roles=(Option("", "Anybody"), *(Option(one, one.capitalize()) for one in Reviewer)),
        states=(
            Option("", "Undecided"),
            *(Option(one, REVIEW[one].word) for one in ReviewState),
        ),
        ages=AGES,
        typical_wait=typical_wait(work),
        first_url=_address(_said(asked)) if asked.cursor else "",
        next_url=next_url,
    )
    return show(request, page)


def typical_wait(work: Work) -> str:
    """Say how long reviews take: `2 h 10 min`; nothing before there was any."""
    seconds = review_views.typical_wait_s(work)
    return "" if seconds is None else length(timedelta(seconds=seconds))


def length(wait: timedelta) -> str:
    """Write a length of time to the minute: `2 h 10 min`."""
    hours, rest = divmod(wait, HOUR)
    minutes = rest // MINUTE
    if not hours:
        return f"{minutes} min" if minutes else "less than a minute"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def _row(work: Work, found: Standing) -> QueueRow:
    one = found.review
    is_undecided = one.state in UNDECIDED
    return QueueRow(
        id=one.id,
        connector=one.name.key,
        version=one.version,
        risk=one.risk,
        state=one.state,
        opened_at=one.opened_at,
        due_at=one.due_at if is_undecided else None,
        is_overdue=is_undecided and work.now > one.due_at,
        missing=found.missing,
        passed=found.passed,
        total=found.total,
    )


def _said(asked: Asked) -> dict[str, str]:
    """Return the filters in force."""
    pairs = {
        "role": asked.role or "",
        "state": asked.state or "",
        "age": asked.age or "",
        "mine": "true" if asked.mine else "",
        "limit": "" if asked.limit == DEFAULT_LIMIT else str(asked.limit),
    }
    return {name: value for name, value in pairs.items() if value}


def _address(pairs: dict[str, str]) -> str:
    return f"/reviews?{urlencode(pairs)}" if pairs else "/reviews"
