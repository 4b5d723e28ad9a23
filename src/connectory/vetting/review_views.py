"""The JSON shapes of reviews."""

from statistics import median

from pydantic import BaseModel

from connectory.access.rules import Actor, Reviewer
from connectory.catalog import read as catalog
from connectory.catalog.read import Version
from connectory.kernel.clock import rfc3339
from connectory.manifest.surface import Surface, surface
from connectory.vetting import comment_store, review_store, rules, settling, since, views
from connectory.vetting.comment_store import Comment
from connectory.vetting.review_store import Review
from connectory.vetting.rules import UNDECIDED, Entry, ReviewState
from connectory.vetting.since import SinceView
from connectory.work import Work

LATEST = 100  # reviews that say how long one takes


class DecisionView(BaseModel):
    """One decision. `carried_from` is the digest of the earlier version it was made about.

    `behalf_of` is for whom the account decided, who delegated the role to it.
    """

    role: str
    decision: str
    account: str
    comment: str
    at: str
    carried_from: str
    behalf_of: str


class CommentView(BaseModel):
    """One comment. `text` is Markdown as it was sent."""

    number: int
    account: str
    text: str
    at: str


class ReviewCard(BaseModel):
    """One review in the queue; `missing` is whose sign-off it waits for, `signed` who gave it.

    `grown` is what is new since `base`, the approved version before. `checks_passed` is None
    before the checks ran. `stage` is how late it was when somebody was last reminded of it:
    due-soon, overdue or escalated.
    """

    id: str
    connector: str
    version: str
    digest: str
    state: ReviewState
    risk: str
    base: str
    grown: dict[str, list[str]]
    checks_passed: int | None
    checks_total: int
    missing: list[str]
    signed: list[str]
    opened_at: str
    due_at: str
    ended_at: str | None
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
    """A review, whole. `typical_wait_s` is the median of the latest that people signed."""

    published_by: str
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


def card(work: Work, review: Review, by: Actor) -> ReviewCard:
    """Describe a review in a list to somebody who may see its version.

    Raises:
        ConnectorMissingError, VersionMissingError: If the actor may not.
    """
    found = catalog.version(work, review.name, review.version, by)
    return _card(work, review, found, _delta(work, review, found, by))


def view(work: Work, review: Review, by: Actor) -> ReviewView:
    """Describe a review to somebody who may see its version.

    Raises:
        ConnectorMissingError, VersionMissingError: If the actor may not.
    """
    found = catalog.version(work, review.name, review.version, by)
    delta = _delta(work, review, found, by)
    shown = _card(work, review, found, delta)
    return ReviewView(
        **shown.model_dump(),
        published_by=found.release.published_by,
        open_points=settling.open_points(work, review) if review.state in UNDECIDED else [],
        roles=[
            _role(role, delta, is_signed=role in shown.signed)
            for role in rules.ROLES[review.risk]
        ],
        decisions=[_decision(one) for one in review_store.decisions(work, review.id)],
        comments=[_comment(one) for one in comment_store.comments(work, review.id)],
        since_last_seen=since.last_seen(work, review, found, by),
        typical_wait_s=typical_wait_s(work),
    )


def _delta(work: Work, review: Review, found: Version, by: Actor) -> Surface:
    """Return what a version exposes beyond the approved one before it."""
    now = surface(found.manifest)
    if not review.base:
        return now
    base = catalog.version(work, review.name, review.base, by)
    return now.grown_since(surface(base.manifest))


def _card(work: Work, review: Review, found: Version, delta: Surface) -> ReviewCard:
    missing = rules.missing(review.risk, review_store.decisions(work, review.id))
    is_open = review.state is ReviewState.OPEN
    checks = views.report_of(work, found)
    return ReviewCard(
        id=review.id,
        connector=review.name.key,
        version=review.version,
        digest=review.digest,
        state=review.state,
        risk=review.risk,
        base=review.base,
        grown={part: names for part, names in delta.as_json().items() if names},
        checks_passed=checks.passed if checks.ended_at else None,
        checks_total=checks.total,
        missing=[str(role) for role in missing],
        signed=[str(role) for role in rules.ROLES[review.risk] if role not in missing],
        opened_at=rfc3339(review.opened_at),
        due_at=rfc3339(review.due_at),
        ended_at=rfc3339(review.ended_at) if review.ended_at else None,
        overdue=review.state in UNDECIDED and work.now > review.due_at,
        stage=review.stage,
        position=review_store.in_front(work, review) + 1 if is_open else None,
        url=f"/c/{review.label}",
    )


def _decision(one: Entry) -> DecisionView:
    return DecisionView(
        role=one.role,
        decision=one.decision,
        account=one.account,
        comment=one.comment,
        at=rfc3339(one.at),
        carried_from=one.carried_from,
        behalf_of=one.behalf_of,
    )


def _comment(one: Comment) -> CommentView:
    return CommentView(
        number=one.number, account=one.account, text=one.text, at=rfc3339(one.at)
    )


def _role(role: Reviewer, delta: Surface, *, is_signed: bool) -> RoleView:
    return RoleView(
        role=role,
        signed=is_signed,
        grown=rules.parts_of(role, delta),
        checklist=list(rules.CHECKLIST[role]),
    )
