"""What changed since somebody looked at a connector under review for the last time."""

from pydantic import BaseModel

from connectory.access.rules import Actor
from connectory.catalog import read as catalog
from connectory.catalog.read import Version
from connectory.manifest.surface import Surface, surface
from connectory.vetting import comment_store, review_store, rules, settling
from connectory.vetting.review_store import Review
from connectory.work import Work

MOST = 50  # earlier submissions that are looked through


class SinceView(BaseModel):
    """What an earlier submission and this one differ in.

    `was_seen` says that the reader decided or wrote something about it; else it is the
    submission before this one. `reset` are the roles that had signed it and have to look again.
    """

    version: str
    digest: str
    was_seen: bool
    grown: dict[str, list[str]]
    gone: dict[str, list[str]]
    is_package_changed: bool
    reset: list[str]


def last_seen(work: Work, review: Review, found: Version, by: Actor) -> SinceView | None:
    """Compare with what the reader spoke about last, else with the submission before."""
    earlier = review_store.before(work, review, MOST)
    spoke = comment_store.spoke_in(work, by.name, [one.id for one in earlier])
    for one in (*(each for each in earlier if each.id in spoke), *earlier[:1]):
        version = settling.version_of(work, one)
        if version is None:
            continue
        # a reviewer who spoke about it knows it, even if it went back to draft since
        if one.id in spoke or catalog.can_see(by, version.release, version.team):
            return _compared(work, review, found, one, version, was_seen=one.id in spoke)
    return None


def _compared(
    work: Work,
    review: Review,
    found: Version,
    earlier: Review,
    before: Version,
    *,
    was_seen: bool,
) -> SinceView:
    now, then = surface(found.manifest), surface(before.manifest)
    said = rules.latest(review_store.decisions(work, earlier.id))
    carried = [one for one in review_store.decisions(work, review.id) if one.carried_from]
    return SinceView(
        version=before.release.version,
        digest=before.release.digest,
        was_seen=was_seen,
        grown=_parts(now.grown_since(then)),
        gone=_parts(then.grown_since(now)),
        is_package_changed=found.release.package_digest != before.release.package_digest,
        reset=[str(role) for role in rules.reset(said, carried)],
    )


def _parts(of: Surface) -> dict[str, list[str]]:
    return {part: names for part, names in of.as_json().items() if names}
