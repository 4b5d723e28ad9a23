"""Reminding reviewers of what waits for them, and admins of what waits for too long."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connectory.access import read as access
from connectory.catalog.rules import precedence
from connectory.vetting import review_store, rules
from connectory.vetting.review_store import Review
from connectory.vetting.rules import ReviewState
from connectory.work import Event, Work, Works

SOON = 0.75  # of the time that a review may take
TOGETHER = 1000  # reviews that one turn looks at, those that are due first


class Stage(StrEnum):
    """How late a review is, and what was said of it for that reason."""

    ON_TIME = ""
    DUE_SOON = "due-soon"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    """As late as it may have taken at all; admins are told, who can appoint reviewers."""


@dataclass(frozen=True, slots=True)
class ReviewReminded(Event):
    """A review waits for so long that somebody has to be told; once for each stage.

    `missing` are the roles that have not signed, `to` the accounts that can do something.
    """

    review: str
    stage: str
    missing: list[str]
    to: list[str]


def turn(works: Works) -> None:
    """Remind of each review that has become later than it was when it was last looked at.

    Nobody has to look at a version that its author has replaced by a higher one.
    """
    with works.read() as work:
        late = _late(work)
    if late:
        with works.write() as work:
            for review in _late(work):
                _remind(work, review)


def stage_of(review: Review, now: datetime) -> Stage:
    """Say how late a review is. One whose author has to act is never late."""
    allowed = review.due_at - review.opened_at
    if now >= review.due_at + allowed:
        return Stage.ESCALATED
    if now >= review.due_at:
        return Stage.OVERDUE
    return Stage.DUE_SOON if now >= review.opened_at + SOON * allowed else Stage.ON_TIME


def _late(work: Work) -> list[Review]:
    waiting = review_store.to_remind(work, Stage.ESCALATED, TOGETHER)
    late = [one for one in waiting if stage_of(one, work.now) not in {Stage.ON_TIME, one.stage}]
    beside = review_store.of_connectors(work, {one.name for one in late}) if late else []
    return [one for one in late if not any(_supersedes(other, one) for other in beside)]


def _supersedes(other: Review, one: Review) -> bool:
    """Whether a higher version of the connector was submitted later, and not taken back."""
    return (
        other.name == one.name
        and other.opened_at > one.opened_at
        and other.state is not ReviewState.CLOSED
        and precedence(other.version) > precedence(one.version)
    )


def _remind(work: Work, review: Review) -> None:
    """Note the stage; who comes second because two processes looked at once says nothing."""
    stage = stage_of(review, work.now)
    if not review_store.set_stage(work, review, stage):
        return
    missing = rules.missing(review.risk, review_store.decisions(work, review.id))
    if stage is Stage.ESCALATED:
        told: Iterable[str] = access.admins(work)
    else:
        told = access.reviewers(work, missing)
    work.emit(
        ReviewReminded(
            subject=review.label,
            team="",
            review=review.id,
            stage=stage,
            missing=[str(role) for role in missing],
            to=sorted(told),
        )
    )
