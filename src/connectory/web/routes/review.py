"""/reviews/{id}: one review, and the forms that reviewers send from it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, BeforeValidator, Field

from connectory.access.actors import Operator, SignedIn
from connectory.access.edge import Opener, Opening, ReadWork
from connectory.access.rules import Actor, Reviewer
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.vetting import deciding, discussing, review_read, waiving
from connectory.vetting.deciding import Said
from connectory.vetting.discussing import LONGEST
from connectory.vetting.rules import Decision
from connectory.vetting.waiving import MOST_DAYS, Wish
from connectory.web.answering import REFUSED, see_other, show, trouble_of
from connectory.web.pages.reviewing import ReviewPage
from connectory.web.routes.reviewing import review_page
from connectory.work import Work

router = APIRouter(include_in_schema=False)

PAGE = "/reviews/{review_id}"
CONFLICT = 409


def _unix(text: str) -> str:
    """Undo what browsers do to the line breaks of a form."""
    return text.replace("\r\n", "\n")


Words = Annotated[str, BeforeValidator(_unix)]


class DecisionForm(BaseModel):
    """A decision in one role, about the bytes that the page showed."""

    role: Reviewer
    decision: Decision
    digest: str
    comment: Annotated[Words, Field(max_length=2000)] = ""


class CommentForm(BaseModel):
    """What to add to the discussion."""

    text: Annotated[Words, Field(max_length=LONGEST)] = ""


class WaiverForm(BaseModel):
    """Which check to waive, why, and for how long."""

    check: Annotated[str, Field(max_length=50)]
    reason: Annotated[Words, Field(min_length=1, max_length=2000)]
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)]


@router.get(PAGE)
def show_review(request: Request, review_id: str, work: ReadWork, by: SignedIn) -> HTMLResponse:
    """Show a review: what grew, checks, differences, what was said, what can be decided."""
    return show(request, review_page(request, work, review_id, by))


@router.post(PAGE + "/decisions")
def decide(
    request: Request,
    review_id: str,
    entered: Annotated[DecisionForm, Form()],
    opener: Opening,
    by: Operator,
) -> Response:
    """Decide about the bytes that the page showed; what is decided about others is refused."""
    said = Said(entered.role, entered.decision, entered.digest, entered.comment)

    def change(work: Work) -> None:
        review_read.one(work, review_id, by)
        deciding.decide(work, review_id, said, by)

    def refilled(page: ReviewPage) -> ReviewPage:
        form = page.deciding and replace(
            page.deciding, role=said.role, decision=said.decision, comment=said.comment
        )
        return replace(page, deciding=form)

    return _Sent(request, opener, review_id, by).answer(change, refilled)


@router.post(PAGE + "/comments")
def comment(
    request: Request,
    review_id: str,
    entered: Annotated[CommentForm, Form()],
    opener: Opening,
    by: Operator,
) -> Response:
    """Add to the discussion."""

    def change(work: Work) -> None:
        found = review_read.one(work, review_id, by)
        discussing.comment(work, found.id, entered.text, by)

    def refilled(page: ReviewPage) -> ReviewPage:
        return replace(page, text=entered.text)

    return _Sent(request, opener, review_id, by, "#discussion").answer(change, refilled)


@router.post(PAGE + "/waivers")
def waive(
    request: Request,
    review_id: str,
    entered: Annotated[WaiverForm, Form()],
    opener: Opening,
    by: Operator,
) -> Response:
    """Waive a check for the connector under review, for a while."""

    def change(work: Work) -> None:
        found = review_read.one(work, review_id, by)
        wish = Wish(found.name.key, entered.check, entered.reason, entered.days)
        waiving.waive(work, wish, by)

    return _Sent(request, opener, review_id, by, "#checks").answer(change, lambda page: page)


@dataclass(frozen=True, slots=True)
class _Sent:
    """A form that was sent from the page of a review; `tab` is where the form stands."""

    request: Request
    opener: Opener
    review_id: str
    by: Actor
    tab: str = ""

    def answer(
        self, change: Callable[[Work], None], refilled: Callable[[ReviewPage], ReviewPage]
    ) -> Response:
        """Make the change and go back to the review.

        What is refused leaves the review as it is: the page says why, with the form refilled.
        """
        try:
            with self.opener.write() as work:
                change(work)
        except ConnectoryError as refused:
            trouble = trouble_of(refused)
            with self.opener.read() as work:
                page = review_page(self.request, work, self.review_id, self.by)
            status = REFUSED if refused.kind is Kind.USAGE else CONFLICT
            return show(self.request, refilled(replace(page, troubles=(trouble,))), status)
        return see_other(f"/reviews/{self.review_id}{self.tab}")
