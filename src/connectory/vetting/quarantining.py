"""Stopping a version by quarantine, and letting it go on: what security alone lifts."""

from connectory.access import read as access
from connectory.access.rules import Actor, Reviewer
from connectory.catalog import quarantine as catalog
from connectory.catalog.decide import ReasonMissingError
from connectory.catalog.read import Version, writers
from connectory.catalog.rules import Status
from connectory.vetting import deciding, review_store, rules
from connectory.vetting.deciding import Said
from connectory.vetting.review_store import Review
from connectory.vetting.rules import (
    Decision,
    NotGuardError,
    NotReviewerError,
    OwnWorkError,
    ReviewState,
)
from connectory.work import Work


def quarantine(work: Work, found: Version, reason: str, by: Actor) -> None:
    """Stop a version and all that runs it; one that is stopped already stays as it is.

    Raises:
        NotGuardError: If the actor neither reviews for security nor is an admin.
        ReasonMissingError: If no reason is given.
        StatusMoveError: If it is a draft.
    """
    if not (by.is_admin or Reviewer.SECURITY in access.reviewer_kinds(work, by.name)):
        raise NotGuardError
    catalog.quarantine(work, found.release, reason)


def lift(work: Work, found: Version, reason: str, by: Actor) -> None:
    """Let a version have the status again that it had, and end the veto if there is one.

    Raises:
        NotReviewerError: If the actor does not review for security.
        OwnWorkError: If the actor wrote or published the version.
        ReasonMissingError: If no reason is given.
        NotQuarantinedError: If it is not quarantined.
    """
    if Reviewer.SECURITY not in access.reviewer_kinds(work, by.name):
        raise NotReviewerError(Reviewer.SECURITY)
    if by.name in writers(work, found):
        raise OwnWorkError(found.release.label)
    if not reason.strip():
        raise ReasonMissingError
    there = review_store.of_version(work, found.release.name, found.release.version)
    review = review_store.by_id(work, there.id, lock=True) if there else None
    after = catalog.lift(work, found.release, reason).status
    if review is not None and review.state is ReviewState.VETOED:
        _end_veto(work, review, after, reason, by)


def _end_veto(work: Work, review: Review, after: Status, reason: str, by: Actor) -> None:
    """Let a review be as its other decisions say; security signs anew where it is open."""
    signed = rules.before_veto(review_store.decisions(work, review.id))
    said = Said(Reviewer.SECURITY, Decision.ABSTAIN, review.digest, f"lifts the veto: {reason}")
    deciding.record(work, review, said, by.name)
    entries = review_store.decisions(work, review.id)
    if after is Status.REVIEW:
        review_store.set_state(work, review.id, rules.state_of(entries), is_over=False)
        return
    is_complete = not rules.missing(review.risk, signed)
    ended = ReviewState.APPROVED if is_complete else ReviewState.CLOSED
    review_store.set_state(work, review.id, ended, is_over=True)
