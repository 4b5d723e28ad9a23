"""Opening and closing reviews as versions go into and out of `review`."""

from dataclasses import dataclass

from connectory.access.rules import Reviewer
from connectory.catalog import read as catalog
from connectory.catalog.add import VersionPublished
from connectory.catalog.decide import VersionStatusChanged
from connectory.catalog.read import Version, writers
from connectory.catalog.rules import Status, of_label
from connectory.kernel.clock import rfc3339
from connectory.kernel.ids import new_id
from connectory.manifest.surface import Surface, surface
from connectory.vetting import review_store, rules, settling
from connectory.vetting.review_store import Review
from connectory.vetting.rules import UNDECIDED, Entry, ReviewState
from connectory.work import Event, Work
from connectory.work.log import Row

UNAPPROVED = UNDECIDED | {ReviewState.CLOSED}
"""States of reviews from which sign-offs are taken into the next submission."""
CHANGES = frozenset({VersionPublished.__name__, VersionStatusChanged.__name__})


@dataclass(frozen=True, slots=True)
class ReviewOpened(Event):
    """A version waits for sign-offs. `carried` are the roles whose earlier ones still hold.

    `reset` are those that had signed the submission before this one, and have to look again.
    """

    review: str
    digest: str
    risk: str
    missing: list[str]
    carried: list[str]
    reset: list[str]


@dataclass(frozen=True, slots=True)
class SignOffCarried(Event):
    """An earlier sign-off holds for a version; `carried_from` is the digest it was about."""

    review: str
    digest: str
    role: str
    decision: str
    account: str
    signed_at: str
    carried_from: str


@dataclass(frozen=True, slots=True)
class ReviewClosed(Event):
    """A review ended by another way than its sign-offs: its version is no longer in review."""

    review: str


def follow(work: Work, event: Row) -> None:
    """Open or close the review of the version that an event is about; twice is like once."""
    if event.kind not in CHANGES:
        return
    found = catalog.by_digest(work, *of_label(event.subject), str(event.facts["digest"]))
    if found is None:
        return
    there = review_store.of_version(work, found.release.name, found.release.version)
    if found.release.status is not Status.REVIEW:
        _close(work, there)
    elif there is None:
        open_review(work, found)
    elif there.state not in UNDECIDED:
        review_store.reopen(work, there.id, work.now + rules.DUE[there.risk])
        settling.settle(work, there.id)


def open_review(work: Work, found: Version) -> None:
    """Let a version wait for its sign-offs; those that still hold are carried over."""
    release = found.release
    base = catalog.approved_beside(work, release)
    risk = rules.risk_of(found.manifest)
    review = Review(
        id=new_id("rev"),
        digest=release.digest,
        name=release.name,
        version=release.version,
        risk=risk,
        state=ReviewState.OPEN,
        base=base.release.version if base else "",
        opened_at=work.now,
        due_at=work.now + rules.DUE[risk],
    )
    if not review_store.add(work, review):
        return
    earlier = _submission_before(work, review)
    entries = _carried(work, found, base, earlier)
    if _has_quarantine(work, review):
        entries = [one for one in entries if one.role is not Reviewer.SECURITY]
    for entry in entries:
        _carry(work, review, entry)
    work.emit(
        ReviewOpened(
            subject=release.label,
            team=found.team,
            review=review.id,
            digest=release.digest,
            risk=risk,
            missing=[str(role) for role in rules.missing(risk, entries)],
            carried=[f"{one.role}: {one.account}" for one in entries],
            reset=[str(role) for role in rules.reset(earlier.said, entries)] if earlier else [],
        )
    )
    if entries:  # no version needs no sign-off
        settling.settle(work, review.id)


@dataclass(frozen=True, slots=True)
class _Earlier:
    """A version that was submitted, and what each role said of it last."""

    version: Version
    said: dict[Reviewer, Entry]


def _submission_before(work: Work, review: Review) -> _Earlier | None:
    """Return what was submitted last before a review, if it came to no approval."""
    for last in review_store.before(work, review, 1):
        version = settling.version_of(work, last)
        if version is not None and last.state in UNAPPROVED:
            return _Earlier(version, rules.latest(review_store.decisions(work, last.id)))
    return None


def _carried(
    work: Work, found: Version, base: Version | None, earlier: _Earlier | None
) -> list[Entry]:
    """Return the sign-offs that still hold.

    What a role said of the submission before counts, else what it said of the approved version.
    """
    approved = _of_approved(work, base) if base else None
    held = _holding(work, found, approved) if approved else []
    if earlier is not None:
        held = [one for one in held if one.role not in earlier.said]
        held += _holding(work, found, earlier)
    return held


def _of_approved(work: Work, base: Version) -> _Earlier | None:
    review = review_store.of_version(work, base.release.name, base.release.version)
    if review is None or review.state is not ReviewState.APPROVED:
        return None
    return _Earlier(base, rules.latest(review_store.decisions(work, review.id)))


def _holding(work: Work, found: Version, earlier: _Earlier) -> list[Entry]:
    """Return the sign-offs of an earlier version that hold for one that came later."""
    before = earlier.version
    if rules.is_riskier(rules.risk_of(found.manifest), rules.risk_of(before.manifest)):
        return []
    grown: Surface = surface(found.manifest).grown_since(surface(before.manifest))
    digest = before.release.digest
    authors = writers(work, found)
    return rules.carried(earlier.said.values(), grown, authors, digest)


def _carry(work: Work, review: Review, entry: Entry) -> None:
    review_store.decide(work, review.id, entry)
    work.emit(
        SignOffCarried(
            subject=review.label,
            team="",
            review=review.id,
            digest=review.digest,
            role=entry.role,
            decision=entry.decision,
            account=entry.account,
            signed_at=rfc3339(entry.at),
            carried_from=entry.carried_from,
        )
    )


def _has_quarantine(work: Work, review: Review) -> bool:
    """Whether a version of the connector is quarantined; then security looks at all others."""
    return any(one.name == review.name for one in catalog.held(work))


def _close(work: Work, there: Review | None) -> None:
    if there is not None and there.state in UNDECIDED:
        review_store.set_state(work, there.id, ReviewState.CLOSED, is_over=True)
        work.emit(ReviewClosed(there.label, "", there.id))
