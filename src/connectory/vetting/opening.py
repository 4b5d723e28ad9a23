"""Opening and closing reviews as versions go into and out of `review`."""

from dataclasses import dataclass

from connectory.catalog import read as catalog
from connectory.catalog.add import VersionPublished
from connectory.catalog.decide import VersionStatusChanged
from connectory.catalog.read import Version
from connectory.catalog.rules import Name, Status
from connectory.kernel.clock import rfc3339
from connectory.kernel.ids import new_id
from connectory.manifest.surface import Surface, surface
from connectory.vetting import review_store, rules, settling
from connectory.vetting.review_store import Review
from connectory.vetting.rules import UNDECIDED, Entry, ReviewState
from connectory.work import Event, Work
from connectory.work.log import Row

CHANGES = frozenset({VersionPublished.__name__, VersionStatusChanged.__name__})


@dataclass(frozen=True, slots=True)
class ReviewOpened(Event):
    """A version waits for sign-offs. `carried` are the roles whose earlier ones still hold."""

    review: str
    digest: str
    risk: str
    missing: list[str]
    carried: list[str]


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
    key, _, number = event.subject.partition("@")
    namespace, _, slug = key.partition("/")
    digest = str(event.facts["digest"])
    found = catalog.by_digest(work, Name(namespace, slug), number, digest)
    if found is None:
        return
    there = review_store.of_version(work, found.release.name, number)
    if found.release.status is not Status.REVIEW:
        _close(work, there)
    elif there is None:
        open_review(work, found)
    elif there.state not in UNDECIDED:
        review_store.set_state(work, there.id, ReviewState.OPEN, is_over=False)
        settling.settle(work, there.id)


def open_review(work: Work, found: Version) -> None:
    """Let a version wait for its sign-offs; those that still hold are carried over."""
    release = found.release
    base = catalog.approved_beside(work, release)
    entries = _carried(work, found, base)
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
        )
    )
    if entries:  # no version needs no sign-off
        settling.settle(work, review.id)


def _carried(work: Work, found: Version, base: Version | None) -> list[Entry]:
    if base is None:
        return []
    if rules.is_riskier(rules.risk_of(found.manifest), rules.risk_of(base.manifest)):
        return []
    earlier = review_store.of_version(work, base.release.name, base.release.version)
    if earlier is None or earlier.state is not ReviewState.APPROVED:
        return []
    grown: Surface = surface(found.manifest).grown_since(surface(base.manifest))
    entries = review_store.decisions(work, earlier.id)
    return rules.carried(entries, grown, settling.authors(found), base.release.digest)


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


def _close(work: Work, there: Review | None) -> None:
    if there is not None and there.state in UNDECIDED:
        review_store.set_state(work, there.id, ReviewState.CLOSED, is_over=True)
        work.emit(ReviewClosed(there.label, "", there.id))
