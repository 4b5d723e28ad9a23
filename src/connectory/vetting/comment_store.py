"""The table of what is discussed in reviews and every query on it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, func, insert, select

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
