"""What others may know about reviews."""

from collections.abc import Collection, Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import islice

from connectory.access import read as access
from connectory.access.rules import Actor, Reviewer
from connectory.catalog import read as catalog
from connectory.catalog.rules import Name, of_label
from connectory.kernel.paging import DEFAULT_LIMIT, Position
from connectory.vetting import delegating, review_store, rules, settling, views
from connectory.vetting.review_store import Review
from connectory.vetting.rules import UNDECIDED, Entry, ReviewMissingError, ReviewState
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
    own = access.reviewer_kinds(work, by.name) if wanted.is_mine else None
    looked, last = 0, wanted.after
    for some in _walk(work, wanted, by):
        shown = _shown_of(work, [one.review for one in some if one.is_wanted], by)
        for one in some:
            looked += 1
            if one.review.id in shown and _is_for(work, one, own, by):
                if len(found) == wanted.limit:
                    return Queue(found, last)
                found.append(one.review)
            last = one.review.position
    return Queue(found, last if looked == MOST else None)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a review is: whose sign-off is missing, and how many checks passed.

    `passed` is None before the checks ran.
    """

    review: Review
    missing: tuple[Reviewer, ...]
    passed: int | None
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
    return sum(1 for _ in islice((one for some in walk for one in some if one.is_wanted), most))


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


def of_labels(work: Work, labels: Collection[str], by: Actor) -> dict[str, str]:
    """Return ids of the reviews of versions that the actor may see, by label; three queries."""
    names = {of_label(label)[0] for label in labels}
    found = [one for one in review_store.of_connectors(work, names) if one.label in labels]
    shown = _shown_of(work, found, by)
    return {one.label: one.id for one in found if one.id in shown}


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


def _walk(work: Work, wanted: Wanted, by: Actor) -> Iterator[list[_Looked]]:
    """Go through the reviews in some states, `TOGETHER` at a time, at most `MOST`."""
    states = UNDECIDED if wanted.state is None else {wanted.state}
    mine = delegating.possible_roles(work, by.name) if wanted.is_mine else frozenset()
    after = wanted.after
    for _ in range(MOST // TOGETHER):
        some = review_store.reviews(work, states, TOGETHER, after)
        entries = review_store.decisions_of(work, [each.id for each in some])
        yield [_look(work, each, entries.get(each.id, ()), wanted, mine) for each in some]
        if len(some) < TOGETHER:
            return
        after = some[-1].position


def _look(
    work: Work,
    review: Review,
    entries: Iterable[Entry],
    wanted: Wanted,
    mine: frozenset[Reviewer],
) -> _Looked:
    missing = frozenset(rules.missing(review.risk, entries))
    is_wanted = _is_aged(work, review, wanted.age) and _is_wanted(review, missing, wanted, mine)
    return _Looked(review, missing, is_wanted)


def _is_wanted(
    review: Review, missing: frozenset[Reviewer], wanted: Wanted, mine: frozenset[Reviewer]
) -> bool:
    if wanted.connector not in {"", review.name.key}:
        return False
    if wanted.role is not None and wanted.role not in missing:
        return False
    return not wanted.is_mine or bool(mine & missing)


def _is_for(work: Work, looked: _Looked, own: frozenset[Reviewer] | None, by: Actor) -> bool:
    """Whether an actor can sign a review in a role of its `own` or for others.

    Without `own` nobody asks.
    """
    if own is None or own & looked.missing:
        return True
    version = settling.version_of(work, looked.review)
    return version is not None and bool(
        delegating.roles(work, version, by.name) & looked.missing
    )


def _is_aged(work: Work, review: Review, age: Age | None) -> bool:
    left = review.due_at - work.now
    return age is None or left < (SOON if age is Age.SOON else timedelta(0))


def _shown(work: Work, found: Review | None, wanted: str, by: Actor) -> Review:
    if found is None or not _shown_of(work, [found], by):
        raise ReviewMissingError(wanted)
    return found


def _shown_of(work: Work, reviews: Collection[Review], by: Actor) -> set[str]:
    """Return the ids of those reviews whose version the actor may see; two queries."""
    known = catalog.visible(work, {each.name for each in reviews}, by)
    seen = {(one.label, one.digest) for found in known.values() for one in found}
    return {each.id for each in reviews if (each.label, each.digest) in seen}
