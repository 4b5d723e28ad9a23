"""What others may know about reviews."""

from dataclasses import dataclass

from connectory.access import read as access
from connectory.access.rules import Actor, Reviewer
from connectory.catalog import read as catalog
from connectory.vetting import review_store, rules, settling
from connectory.vetting.review_store import Review
from connectory.vetting.rules import UNDECIDED, ReviewMissingError, ReviewState
from connectory.work import Work

MOST = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which reviews are asked for; without a state the undecided ones.

    `is_mine` keeps those that wait for a sign-off that the asker can give.
    """

    role: Reviewer | None = None
    state: ReviewState | None = None
    is_mine: bool = False


def queue(work: Work, wanted: Wanted, by: Actor) -> list[Review]:
    """Return the reviews that the actor may see, those that wait longest first."""
    states = UNDECIDED if wanted.state is None else {wanted.state}
    found = review_store.reviews(work, states, MOST)
    return [
        one for one in found if _is_seen(work, one, by) and _is_wanted(work, one, wanted, by)
    ]


def one(work: Work, review_id: str, by: Actor) -> Review:
    """Return a review.

    Raises:
        ReviewMissingError: If there is none, or the actor may not see its version.
    """
    found = review_store.by_id(work, review_id)
    if found is None or not _is_seen(work, found, by):
        raise ReviewMissingError(review_id)
    return found


def _is_seen(work: Work, review: Review, by: Actor) -> bool:
    version = settling.version_of(work, review)
    return version is not None and catalog.can_see(by, version.release, version.team)


def _is_wanted(work: Work, review: Review, wanted: Wanted, by: Actor) -> bool:
    missing = rules.missing(review.risk, review_store.decisions(work, review.id))
    if wanted.role is not None and wanted.role not in missing:
        return False
    return not wanted.is_mine or bool(access.reviewer_kinds(work, by.name) & set(missing))
