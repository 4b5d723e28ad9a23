"""HTTP: reviews, and what reviewers decide in them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, status
from pydantic import BaseModel, ConfigDict, Field

from connectory.access.actors import Operator, SignedIn
from connectory.access.bodies import Body
from connectory.access.edge import OpenWork, ReadWork
from connectory.access.rules import Reviewer
from connectory.catalog.rules import Name
from connectory.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT, read_position, write_position
from connectory.vetting import deciding, discussing, review_read, review_views
from connectory.vetting.deciding import Said
from connectory.vetting.discussing import LONGEST
from connectory.vetting.review_read import Age
from connectory.vetting.review_views import ReviewCard, ReviewView
from connectory.vetting.rules import Decision, ReviewState

router = APIRouter(prefix="/api/v1/reviews", tags=["vetting"])
of_version = APIRouter(prefix="/api/v1/connectors", tags=["vetting"])
CURSOR = "reviews"


class Filters(BaseModel):
    """Which reviews to list; without a state the undecided ones."""

    model_config = ConfigDict(extra="forbid")

    role: Annotated[
        Reviewer | None, Field(description="Only what this role has yet to sign.")
    ] = None
    state: ReviewState | None = None
    mine: Annotated[bool, Field(description="Only what one's own sign-off is missing.")] = False
    age: Annotated[
        Age | None, Field(description="Only what is overdue, or due within four hours.")
    ] = None
    connector: Annotated[str, Field(description="Only of this connector, as `ns/id`.")] = ""
    cursor: str = ""
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)


class ReviewList(BaseModel):
    """Reviews, those that wait longest first; `next` continues the list.

    `typical_wait_s` is the median of the latest reviews that people signed.
    """

    items: list[ReviewCard]
    typical_wait_s: float | None
    next: str | None


class DecisionBody(Body):
    """A decision in one role, about the bytes with this digest."""

    role: Reviewer
    decision: Decision
    digest: str
    comment: Annotated[str, Field(max_length=2000)] = ""


class CommentBody(Body):
    """What to add to the discussion: Markdown, which is kept as it is sent."""

    text: Annotated[str, Field(max_length=LONGEST)]


@router.get("")
def list_reviews(
    request: Request, work: ReadWork, by: SignedIn, asked: Annotated[Filters, Query()]
) -> ReviewList:
    """List reviews: the undecided ones, or those in one state."""
    key: bytes = request.app.state.cursor_key
    wanted = review_read.Wanted(
        role=asked.role,
        state=asked.state,
        is_mine=asked.mine,
        age=asked.age,
        connector=asked.connector,
        after=read_position(key, CURSOR, asked.cursor),
        limit=asked.limit,
    )
    found = review_read.queue(work, wanted, by)
    return ReviewList(
        items=review_views.cards(work, found.reviews, by),
        typical_wait_s=review_views.typical_wait_s(work),
        next=write_position(key, CURSOR, found.next) if found.next else None,
    )


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


@router.post("/{review_id}/comments", status_code=status.HTTP_201_CREATED)
def comment_review(
    review_id: str, body: CommentBody, work: OpenWork, by: Operator
) -> ReviewView:
    """Add to the discussion of a review that goes on. A comment is never changed."""
    found = review_read.one(work, review_id, by)
    discussing.comment(work, found.id, body.text, by)
    return review_views.view(work, found, by)


@of_version.get("/{namespace}/{connector}/versions/{version}/review")
def show_review_of_version(
    namespace: str, connector: str, version: str, work: ReadWork, by: SignedIn
) -> ReviewView:
    """Show the review of a version. It opens some seconds after the publication."""
    found = review_read.of_version(work, Name(namespace, connector), version, by)
    return review_views.view(work, found, by)
