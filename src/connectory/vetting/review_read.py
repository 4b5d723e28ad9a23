"""What others may know about reviews."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from connectory.access.rules import Actor, Reviewer
from connectory.catalog import read as catalog
from connectory.catalog.rules import Name
from connectory.kernel.paging import DEFAULT_LIMIT
from connectory.vetting import delegating, review_store, rules
from connectory.vetting.review_store import Review
from connectory.vetting.rules import UNDECIDED, ReviewMissingError, ReviewState
from connectory.work import Work

TOGETHER = 100  # reviews that are read at once
MOST = 1000  # that are looked through for one page

Position = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which reviews are asked for; without a state the undecided ones.

    `is_mine` keeps those that wait for a sign-off that the asker can give; `connector` is
    `ns/id`; `after` is where the page before ended.
    """

    role: Reviewer | None = None
    state: ReviewState | None = None
    is_mine: bool = False
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
            yield _Looked(each, missing, _is_wanted(each, missing, wanted, mine))
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
    version = settling.version_of(work, looked.review)
    if version is None or not catalog.can_see(by, version.release, version.team):
        return False
    if not wanted.is_mine:
        return True
    return bool(delegating.roles(work, version, by.name) & looked.missing)


def _shown(work: Work, found: Review | None, wanted: str, by: Actor) -> Review:
    if found is None or not _is_seen(work, found, by):
        raise ReviewMissingError(wanted)
    return found


def _is_seen(work: Work, review: Review, by: Actor) -> bool:
    found = catalog.release_of(work, review.name, review.version, review.digest)
    team = access.namespace_team(work, review.name.namespace) or ""
    return found is not None and catalog.can_see(by, found, team)
