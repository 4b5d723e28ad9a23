"""Stopping a version by quarantine or veto, and letting it go on: what security alone lifts."""

from dataclasses import dataclass

from connectory.access import read as access
from connectory.access.rules import Actor, Reviewer
from connectory.catalog import quarantine as catalog
from connectory.catalog.decide import ReasonMissingError
from connectory.catalog.read import Version
from connectory.catalog.rules import Status
from connectory.vetting import review_store, rules, settling
from connectory.vetting.review_store import Review
from connectory.vetting.rules import (
    VETOES,
    Decision,
    Entry,
    NotGuardError,
    NotReviewerError,
    OwnWorkError,
    ReviewState,
)
from connectory.work import Event, Work


@dataclass(frozen=True, slots=True)
class VersionVetoed(Event):
    """Security stands against a version; it is quarantined from now on."""

    review: str
    digest: str
    reason: str


@dataclass(frozen=True, slots=True)
class VetoLifted(Event):
    """Security stands against a version no more."""

    review: str
    digest: str
    reason: str


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


def veto(work: Work, review: Review, reason: str, by: Actor) -> None:
    """Stop the version of a review, which the caller has locked, in the name of security."""
    found = settling.required(work, review)
    review_store.decide(work, review.id, _entry(work, Decision.VETO, by, reason))
    review_store.set_state(work, review.id, ReviewState.VETOED, is_over=True)
    work.emit(VersionVetoed(review.label, found.team, review.id, review.digest, reason))
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
    if by.name in settling.authors(found):
        raise OwnWorkError(found.release.label)
    if not reason.strip():
        raise ReasonMissingError
    there = review_store.of_version(work, found.release.name, found.release.version)
    review = review_store.by_id(work, there.id, lock=True) if there else None
    after = catalog.lift(work, found.release, reason).status
    if review is not None and review.state is ReviewState.VETOED:
        _end_veto(work, review, after, _entry(work, Decision.LIFT, by, reason))


def _end_veto(work: Work, review: Review, after: Status, entry: Entry) -> None:
    """Let a review be as its other decisions say; security signs anew where it is open."""
    review_store.decide(work, review.id, entry)
    entries = review_store.decisions(work, review.id)
    work.emit(VetoLifted(review.label, "", review.id, review.digest, entry.comment))
    if after is Status.REVIEW:
        review_store.set_state(work, review.id, rules.state_of(entries), is_over=False)
        return
    signed = [one for one in entries if one.decision not in VETOES]
    is_signed = not rules.missing(review.risk, signed)
    ended = ReviewState.APPROVED if is_signed else ReviewState.CLOSED
    review_store.set_state(work, review.id, ended, is_over=True)


def _entry(work: Work, decision: Decision, by: Actor, reason: str) -> Entry:
    return Entry(Reviewer.SECURITY, decision, by.name, reason, work.now)
