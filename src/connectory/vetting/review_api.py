"""HTTP: reviews, and what reviewers decide in them."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from connectory.access.actors import Operator, SignedIn
from connectory.access.bodies import Body
from connectory.access.edge import OpenWork, ReadWork
from connectory.access.rules import Reviewer
from connectory.vetting import deciding, review_read, review_views
from connectory.vetting.deciding import Said
from connectory.vetting.review_views import ReviewCard, ReviewView
from connectory.vetting.rules import Decision, ReviewState

router = APIRouter(prefix="/api/v1/reviews", tags=["vetting"])


class ReviewList(BaseModel):
    """Reviews, those that wait longest first; at most 200."""

    items: list[ReviewCard]


class DecisionBody(Body):
    """A decision in one role, about the bytes with this digest."""

    role: Reviewer
    decision: Decision
    digest: str
    comment: Annotated[str, Field(max_length=2000)] = ""


@router.get("")
def list_reviews(
    work: ReadWork,
    by: SignedIn,
    *,
    role: Reviewer | None = None,
    state: ReviewState | None = None,
    mine: Annotated[
        bool, Query(description="Only what one's own sign-off is missing.")
    ] = False,
) -> ReviewList:
    """List reviews: the undecided ones, or those in one state."""
    wanted = review_read.Wanted(role, state, is_mine=mine)
    found = review_read.queue(work, wanted, by)
    return ReviewList(items=[review_views.card(work, each) for each in found])


@router.get("/{review_id}")
def show_review(review_id: str, work: ReadWork, by: SignedIn) -> ReviewView:
    """Show a review: what grew, what is missing, who looks at what, what was decided."""
    return review_views.view(work, review_read.one(work, review_id, by), by)


@router.post("/{review_id}/decisions")
def decide_review(
    review_id: str, body: DecisionBody, work: OpenWork, by: Operator
) -> ReviewView:
    """Decide in one role. The last sign-off that was missing approves the version."""
    review_read.one(work, review_id, by)
    said = Said(body.role, body.decision, body.digest, body.comment)
    return review_views.view(work, deciding.decide(work, review_id, said, by), by)
