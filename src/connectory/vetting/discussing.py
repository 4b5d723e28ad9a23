"""Talking about a version under review. What was said stays as it was said."""

from dataclasses import dataclass
from typing import ClassVar

from connectory.access.rules import Actor
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.vetting import comment_store, review_store
from connectory.vetting.comment_store import Comment
from connectory.vetting.rules import (
    UNDECIDED,
    CommentMissingError,
    ReviewEndedError,
    ReviewMissingError,
)
from connectory.work import Event, Work

LONGEST = 4000  # characters of a comment
MOST_COMMENTS = 500  # in one review


@dataclass(frozen=True, slots=True)
class ReviewCommented(Event):
    """Somebody wrote something in a review."""

    review: str
    number: int
    comment: str


class DiscussionFullError(ConnectoryError):
    """A review has as many comments as one may have."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "discussion-full"

    def __init__(self, review: str) -> None:
        super().__init__(
            f"{review} has {MOST_COMMENTS} comments, which is the most",
            hint="decide, or go on elsewhere",
        )


def comment(work: Work, review_id: str, text: str, by: Actor) -> None:
    """Add a comment to a review that goes on.

    Raises:
        CommentMissingError: If it says nothing.
        ReviewMissingError: If there is no such review.
        ReviewEndedError: If it is over.
        DiscussionFullError: If there are too many comments.
    """
    if not text.strip():
        raise CommentMissingError
    review = review_store.by_id(work, review_id, lock=True)
    if review is None:
        raise ReviewMissingError(review_id)
    if review.state not in UNDECIDED:
        raise ReviewEndedError(review.id, review.state)
    number = comment_store.count(work, review.id) + 1
    if number > MOST_COMMENTS:
        raise DiscussionFullError(review.id)
    comment_store.add(work, review.id, Comment(number, by.name, text, work.now))
    work.emit(ReviewCommented(review.label, "", review.id, number, text))
