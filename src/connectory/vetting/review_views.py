"""The JSON shapes of reviews."""

from collections.abc import Collection
from statistics import median

from pydantic import BaseModel

from connectory.access.rules import Actor, Reviewer
from connectory.catalog import read as catalog
from connectory.kernel.clock import rfc3339
from connectory.manifest.surface import Surface, surface
from connectory.vetting import comment_store, review_read, review_store, rules, settling, since
from connectory.vetting.comment_store import Comment
from connectory.vetting.review_read import Standing
from connectory.vetting.review_store import Review
from connectory.vetting.rules import UNDECIDED, Entry, ReviewState
from connectory.vetting.since import SinceView
from connectory.work import Work

LATEST = 100  # reviews that say how long one takes


class DecisionView(BaseModel):
    """One decision. `carried_from` is the digest of the earlier version it was made about.

    `behalf_of` is for whom the account decided, who delegated the role to it. `merge` is the
    source and the commit by whose merge it decided, as `source@commit`; empty if by hand.
    """

    role: str
    decision: str
    account: str
    comment: str
    at: str
    carried_from: str
    behalf_of: str
    merge: str


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


def cards(work: Work, reviews: Collection[Review], by: Actor) -> list[ReviewCard]:
    """Describe reviews to somebody who may see their versions.

    It takes as many queries for a hundred as for one.
    """
    deltas = _deltas(work, reviews, by)
    places = review_store.places(work, [each.id for each in reviews])
    return [
        _card(work, one, deltas[one.review.id], places.get(one.review.id))
        for one in review_read.standings(work, reviews)
    ]


def view(work: Work, review: Review, by: Actor) -> ReviewView:
    """Describe a review to somebody who may see its version.

    Raises:
        ConnectorMissingError, VersionMissingError: If the actor may not.
    """
    found = catalog.version(work, review.name, review.version, by)
    delta = _deltas(work, [review], by)[review.id]
    [shown] = cards(work, [review], by)
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


def _deltas(work: Work, reviews: Collection[Review], by: Actor) -> dict[str, Surface]:
    """Return for each review what its version exposes beyond the approved one before it."""
    known = catalog.visible(work, {each.name for each in reviews}, by)
    labels = {each.name.at(one) for each in reviews for one in (each.version, each.base)}
    releases = [one for found in known.values() for one in found if one.label in labels]
    manifests = catalog.manifests(work, releases)
    exposed = {one.label: surface(manifests[one.manifest_digest]) for one in releases}
    return {
        each.id: _beyond(exposed[each.label], exposed.get(each.name.at(each.base)))
        for each in reviews
    }


def _beyond(now: Surface, before: Surface | None) -> Surface:
    return now.grown_since(before) if before else now


def _card(work: Work, standing: Standing, delta: Surface, position: int | None) -> ReviewCard:
    review, missing = standing.review, standing.missing
    return ReviewCard(
        id=review.id,
        connector=review.name.key,
        version=review.version,
        digest=review.digest,
        state=review.state,
        risk=review.risk,
        base=review.base,
        grown={part: names for part, names in delta.as_json().items() if names},
        checks_passed=standing.passed,
        checks_total=standing.total,
        missing=[str(role) for role in missing],
        signed=[str(role) for role in rules.ROLES[review.risk] if role not in missing],
        opened_at=rfc3339(review.opened_at),
        due_at=rfc3339(review.due_at),
        ended_at=rfc3339(review.ended_at) if review.ended_at else None,
        overdue=review.state in UNDECIDED and work.now > review.due_at,
        stage=review.stage,
        position=position,
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
        merge=one.merge,
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
