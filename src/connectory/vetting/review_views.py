"""The JSON shapes of reviews."""

from statistics import median

from pydantic import BaseModel

from connectory.access.rules import Actor, Reviewer
from connectory.catalog import read as catalog
from connectory.kernel.clock import rfc3339
from connectory.manifest.surface import Surface, surface
from connectory.vetting import comment_store, review_store, rules, settling, since
from connectory.vetting.review_store import Review
from connectory.vetting.rules import UNDECIDED, ReviewState
from connectory.vetting.since import SinceView
from connectory.work import Work

LATEST = 100  # reviews that say how long one takes


class DecisionView(BaseModel):
    """One decision. `carried_from` is the digest of the earlier version it was made about."""

    role: str
    decision: str
    account: str
    comment: str
    at: str
    carried_from: str


class CommentView(BaseModel):
    """One comment. `text` is Markdown as it was sent."""

    number: int
    account: str
    text: str
    at: str


class ReviewCard(BaseModel):
    """One review in the queue; `missing` is whose sign-off it waits for.

    `stage` is how late it was when somebody was last reminded of it: due-soon, overdue or
    escalated.
    """

    id: str
    connector: str
    version: str
    digest: str
    state: ReviewState
    risk: str
    missing: list[str]
    opened_at: str
    due_at: str
    overdue: bool
    stage: str
    position: int | None
    url: str


class RoleView(BaseModel):
    """A role whose sign-off is needed: what grew of its part, and what it looks at."""

    role: str
    signed: bool
    grown: dict[str, list[str]]
    checklist: list[str]


class ReviewView(ReviewCard):
    """A review, whole. `grown` is what is new since `base`, the approved version before.

    `typical_wait_s` is the median of the latest reviews that people signed.
    """

    base: str
    published_by: str
    grown: dict[str, list[str]]
    open_points: list[str]
    roles: list[RoleView]
    decisions: list[DecisionView]
    comments: list[CommentView]
    since_last_seen: SinceView | None
    typical_wait_s: float | None


def typical_wait_s(work: Work) -> float | None:
    """Return how long reviews take, None before there was any."""
    waits = review_store.latest_waits(work, LATEST)
    return median(wait.total_seconds() for wait in waits) if waits else None


def card(work: Work, review: Review) -> ReviewCard:
    """Describe a review in a list."""
    is_undecided = review.state in UNDECIDED
    entries = review_store.decisions(work, review.id)
    is_open = review.state is ReviewState.OPEN
    return ReviewCard(
        id=review.id,
        connector=review.name.key,
        version=review.version,
        digest=review.digest,
        state=review.state,
        risk=review.risk,
        missing=[str(role) for role in rules.missing(review.risk, entries)],
        opened_at=rfc3339(review.opened_at),
        due_at=rfc3339(review.due_at),
        overdue=is_undecided and work.now > review.due_at,
        stage=review.stage,
        position=review_store.in_front(work, review) + 1 if is_open else None,
        url=f"/c/{review.label}",
    )


def view(work: Work, review: Review, by: Actor) -> ReviewView:
    """Describe a review to somebody who may see its version.

    Raises:
        ConnectorMissingError, VersionMissingError: If the actor may not.
    """
    found = catalog.version(work, review.name, review.version, by)
    delta = surface(found.manifest)
    if review.base:
        delta = delta.grown_since(
            surface(catalog.version(work, review.name, review.base, by).manifest)
        )
    entries = review_store.decisions(work, review.id)
    missing = rules.missing(review.risk, entries)
    shown = card(work, review)
    return ReviewView(
        **shown.model_dump(),
        base=review.base,
        published_by=found.release.published_by,
        grown={part: names for part, names in delta.as_json().items() if names},
        open_points=settling.open_points(work, review) if review.state in UNDECIDED else [],
        roles=[
            _role(role, delta, is_signed=role not in missing)
            for role in rules.ROLES[review.risk]
        ],
        decisions=[
            DecisionView(
                role=one.role,
                decision=one.decision,
                account=one.account,
                comment=one.comment,
                at=rfc3339(one.at),
                carried_from=one.carried_from,
            )
            for one in entries
        ],
        comments=[
            CommentView(
                number=one.number, account=one.account, text=one.text, at=rfc3339(one.at)
            )
            for one in comment_store.comments(work, review.id)
        ],
        since_last_seen=since.last_seen(work, review, found, by),
        typical_wait_s=typical_wait_s(work),
    )


def _role(role: Reviewer, delta: Surface, *, is_signed: bool) -> RoleView:
    return RoleView(
        role=role,
        signed=is_signed,
        grown=rules.parts_of(role, delta),
        checklist=list(rules.CHECKLIST[role]),
    )
