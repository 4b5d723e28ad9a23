"""What others may know about reviews."""

from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import islice

from connectory.access import read as access
from connectory.access.rules import Actor, Reviewer
from connectory.catalog import read as catalog
from connectory.catalog.rules import Name
from connectory.kernel.paging import DEFAULT_LIMIT, Position
from connectory.vetting import delegating, review_store, rules, settling, views
from connectory.vetting.review_store import Review
from connectory.vetting.rules import UNDECIDED, ReviewMissingError, ReviewState
from connectory.work import Work

TOGETHER = 100  # reviews that are read at once
MOST = 1000  # that are looked through for one page

SOON = timedelta(hours=4)


class Age(StrEnum):
    """How close a review is to the time when it is due."""

    SOON = "soon"  # due within `SOON`, or overdue
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which reviews are asked for; without a state the undecided ones.

    `is_mine` keeps those that wait for a sign-off that the asker can give; `connector` is
    `ns/id`; `after` is where the page before ended.
    """

    role: Reviewer | None = None
    state: ReviewState | None = None
    is_mine: bool = False
    age: Age | None = None
    connector: str = ""
    after: Position | None = None
    limit: int = DEFAULT_LIMIT


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of reviews, and where the next one begins (None at the end).

    A page may have fewer than were asked for, and yet not be the last.
    """

    reviews: list[Review]
    next: Position | None


def queue(work: Work, wanted: Wanted, by: Actor) -> Queue:
    """Return the reviews that the actor may see, those that wait longest first."""
    found: list[Review] = []
    looked, last = 0, wanted.after
    for one in _walk(work, wanted, by):
        looked += 1
        if one.is_wanted and _is_for(work, one, wanted, by):
            if len(found) == wanted.limit:
                return Queue(found, last)
            found.append(one.review)
        last = one.review.position
    return Queue(found, last if looked == MOST else None)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a review is: whose sign-off is missing, and how many checks passed."""

    review: Review
    missing: tuple[Reviewer, ...]
    passed: int
    total: int


def standings(work: Work, reviews: Collection[Review]) -> list[Standing]:
    """Say how far reviews are; two queries, however many there are."""
    entries = review_store.decisions_of(work, [each.id for each in reviews])
    counts = views.counts(work, [each.digest for each in reviews])
    return [
        Standing(
            each,
            tuple(rules.missing(each.risk, entries.get(each.id, ()))),
            *counts[each.digest],
        )
        for each in reviews
    ]


def count_mine(work: Work, by: Actor, most: int) -> int:
    """Count the undecided reviews that wait for a sign-off of the actor; stop at `most`.

    A few queries, however long the queue is.
    """
    walk = _walk(work, Wanted(is_mine=True), by)
    return sum(1 for _ in islice((one for one in walk if one.is_wanted), most))


def one(work: Work, review_id: str, by: Actor) -> Review:
    """Return a review.

    Raises:
        ReviewMissingError: If there is none, or the actor may not see its version.
    """
    return _shown(work, review_store.by_id(work, review_id), review_id, by)


def of_version(work: Work, name: Name, version: str, by: Actor) -> Review:
    """Return the review of a version.

    Raises:
        ReviewMissingError: If it has none, or the actor may not see it.
    """
    return _shown(work, review_store.of_version(work, name, version), name.at(version), by)


def of_connector(work: Work, name: Name, digests: Container[str]) -> list[Standing]:
    """Say how far the reviews of a connector are, the newest first.

    `digests` are those of the versions that the reader may see.
    """
    found = review_store.of_connector(work, name, TOGETHER)
    return standings(work, [one for one in found if one.digest in digests])


@dataclass(frozen=True, slots=True)
class _Looked:
    review: Review
    missing: frozenset[Reviewer]
    is_wanted: bool


def _walk(work: Work, wanted: Wanted, by: Actor) -> Iterator[_Looked]:
    """Go through the reviews in some states, at most `MOST`."""
    states = UNDECIDED if wanted.state is None else {wanted.state}
    mine = delegating.possible_roles(work, by.name) if wanted.is_mine else frozenset()
    after = wanted.after
    for _ in range(MOST // TOGETHER):
        some = review_store.reviews(work, states, TOGETHER, after)
        entries = review_store.decisions_of(work, [each.id for each in some])
        for each in some:
            missing = frozenset(rules.missing(each.risk, entries.get(each.id, ())))
            is_wanted = _is_aged(work, each, wanted.age) and _is_wanted(
                each, missing, wanted, mine
            )
            yield _Looked(each, missing, is_wanted)
        if len(some) < TOGETHER:
            return
        after = some[-1].position


def _is_wanted(
    review: Review, missing: frozenset[Reviewer], wanted: Wanted, mine: frozenset[Reviewer]
) -> bool:
    if wanted.connector not in {"", review.name.key}:
        return False
    if wanted.role is not None and wanted.role not in missing:
        return False
    return not wanted.is_mine or bool(mine & missing)


def _is_for(work: Work, looked: _Looked, wanted: Wanted, by: Actor) -> bool:
    """Whether an actor may see a review, and can sign it where that is asked for."""
    if not _is_seen(work, looked.review, by):
        return False
    version = settling.version_of(work, looked.review) if wanted.is_mine else None
    if version is None:
        return not wanted.is_mine
    return bool(delegating.roles(work, version, by.name) & looked.missing)


def _is_aged(work: Work, review: Review, age: Age | None) -> bool:
    left = review.due_at - work.now
    return age is None or left < (SOON if age is Age.SOON else timedelta(0))


def _shown(work: Work, found: Review | None, wanted: str, by: Actor) -> Review:
    if found is None or not _is_seen(work, found, by):
        raise ReviewMissingError(wanted)
    return found


def _is_seen(work: Work, review: Review, by: Actor) -> bool:
    found = catalog.release_of(work, review.name, review.version, review.digest)
    team = access.namespace_team(work, review.name.namespace) or ""
    return found is not None and catalog.can_see(by, found, team)
