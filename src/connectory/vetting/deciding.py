"""What reviewers say of a version: decisions, each about exactly the bytes they looked at."""

from dataclasses import dataclass

from connectory.access import read as access
from connectory.access.rules import Actor, Reviewer
from connectory.catalog.quarantine import quarantine
from connectory.catalog.read import writers
from connectory.vetting import delegating, review_store, rules, sbom_store, settling
from connectory.vetting.review_store import Review
from connectory.vetting.rules import (
    ROLES,
    UNDECIDED,
    CommentMissingError,
    Decision,
    Entry,
    NotReviewerError,
    OwnWorkError,
    ReviewEndedError,
    ReviewMissingError,
    ReviewOutdatedError,
    ReviewState,
    RoleNotNeededError,
    VetoRoleError,
)
from connectory.work import Event, Work

AGAINST = frozenset({Decision.REQUEST_CHANGES, Decision.REJECT})


@dataclass(frozen=True, slots=True)
class ReviewDecided(Event):
    """Somebody said in one role what they think of a version, and of its bill of materials.

    `merge` is the source and the commit by whose merge they said it, as `source@commit`.
    """

    review: str
    digest: str
    role: str
    decision: str
    comment: str
    behalf_of: str
    merge: str
    sbom: str


@dataclass(frozen=True, slots=True)
class Said:
    """A decision as it is sent; `digest` is that of the bytes that were looked at."""

    role: Reviewer
    decision: Decision
    digest: str
    comment: str = ""


def decide(work: Work, review_id: str, said: Said, by: Actor) -> Review:
    """Record a decision, and approve the version if it was the last one missing.

    The same decision again changes nothing. Roles are looked up now, not when the page was
    opened. A veto counts whenever it is given, and nothing else does while it stands.

    Raises:
        ReviewMissingError: If there is no such review.
        NotReviewerError, OwnWorkError, DelegationScopeError: If the actor may not decide this.
        ReviewOutdatedError: If the decision is about other bytes.
        ReviewEndedError, RoleNotNeededError: If nothing is to be decided.
        CommentMissingError: If it is against the version and does not say why.
        VetoRoleError: If a veto is given in another role than security.
    """
    review = review_store.by_id(work, review_id, lock=True)
    if review is None:
        raise ReviewMissingError(review_id)
    giver = _require_may(work, review, said, by)
    if said.decision is Decision.VETO:
        return _veto(work, review, said, by)
    entries = review_store.decisions(work, review.id)
    last = rules.latest(entries).get(said.role)
    if last is not None and _is_same(last, said, by):
        return review
    if review.state not in UNDECIDED:
        raise ReviewEndedError(review.id, review.state)
    if said.role not in ROLES[review.risk]:
        raise RoleNotNeededError(review.id, said.role, ROLES[review.risk])
    if said.decision in AGAINST and not said.comment.strip():
        raise CommentMissingError
    record(work, review, said, by.name, behalf_of=giver)
    settling.settle(work, review.id)
    return review_store.by_id(work, review.id) or review


def _veto(work: Work, review: Review, said: Said, by: Actor) -> Review:
    """Stop the version, whatever was decided before; a veto that stands already stays."""
    if review.state is ReviewState.VETOED:
        return review
    record(work, review, said, by.name)
    review_store.set_state(work, review.id, ReviewState.VETOED, is_over=True)
    quarantine(work, settling.required(work, review).release, said.comment)
    return review_store.by_id(work, review.id) or review


def _require_may(work: Work, review: Review, said: Said, by: Actor) -> str:
    """Return for whom the actor decides; for nobody else is an empty text."""
    is_veto = said.decision is Decision.VETO
    if is_veto and said.role is not Reviewer.SECURITY:
        raise VetoRoleError(said.role)
    has_role = said.role in access.reviewer_kinds(work, by.name)
    if is_veto and not has_role:
        raise NotReviewerError(said.role)
    found = settling.required(work, review)
    giver = "" if has_role else delegating.giver_for(work, found, said.role, by)
    if said.digest != review.digest:
        raise ReviewOutdatedError(review.id, review.digest)
    if by.name in writers(work, found) and not is_veto:
        raise OwnWorkError(review.label)
    if is_veto and not said.comment.strip():
        raise CommentMissingError
    return giver


def record(
    work: Work, review: Review, said: Said, by: str, *, behalf_of: str = "", merge: str = ""
) -> None:
    """Put a decision into a review, which the caller has locked, and into the log."""
    entry = Entry(
        said.role, said.decision, by, said.comment, work.now, behalf_of=behalf_of, merge=merge
    )
    review_store.decide(work, review.id, entry)
    work.emit(
        ReviewDecided(
            subject=review.label,
            team="",
            review=review.id,
            digest=review.digest,
            role=said.role,
            decision=said.decision,
            comment=said.comment,
            behalf_of=behalf_of,
            merge=merge,
            sbom=sbom_store.digest(work, review.digest),
        )
    )


def _is_same(last: Entry, said: Said, by: Actor) -> bool:
    return last.decision is said.decision and last.account == by.name and not last.carried_from
