"""The table of what is discussed in reviews and every query on it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, func, insert, select, union

from connectory.vetting.review_store import DECISIONS
from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime

COMMENTS = Table(
    "review_comment",
    METADATA,
    Column("review", Text, ForeignKey("review.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote in a review, as it was sent: Markdown that nobody has rendered."""

    number: int
    account: str
    text: str
    at: datetime


def add(work: Work, review: str, new: Comment) -> None:
    """Put a comment behind the others of a review, which the caller has locked."""
    values = {name: getattr(new, name) for name in Comment.__slots__}
    work.db.execute(insert(COMMENTS).values(review=review, **values))


def count(work: Work, review: str) -> int:
    """Count the comments of a review."""
    query = select(func.count()).where(COMMENTS.c.review == review)
    return work.db.execute(query).scalar_one()


def comments(work: Work, review: str) -> list[Comment]:
    """Return the comments of a review, oldest first."""
    c = COMMENTS.c
    query = select(c.number, c.account, c.text, c.at).where(c.review == review)
    return [Comment(**row._asdict()) for row in work.db.execute(query.order_by(c.number))]


def spoke_in(work: Work, account: str, reviews: Collection[str]) -> frozenset[str]:
    """Return those of some reviews in which an account decided or wrote something itself."""
    wrote = select(COMMENTS.c.review).where(
        COMMENTS.c.review.in_(reviews), COMMENTS.c.account == account
    )
    decided = select(DECISIONS.c.review).where(
        DECISIONS.c.review.in_(reviews),
        DECISIONS.c.account == account,
        DECISIONS.c.carried_from == "",
    )
    return frozenset(work.db.scalars(union(wrote, decided)))
