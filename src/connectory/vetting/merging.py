"""Merges that count as sign-offs: recorded as the decision of who merged, if it may decide.

A merge gives nobody more than their own decision would give: all that holds for that holds
here, and what is not proven now, whatever the source saw, counts for nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from connectory.access import read as access
from connectory.access.rules import Reviewer
from connectory.catalog.read import Version, writers
from connectory.catalog.rules import of_label
from connectory.sources import read as sources
from connectory.sources.merging import take_back
from connectory.sources.rules import VersionMerged
from connectory.vetting import deciding, review_store, rules, settling
from connectory.vetting.deciding import Said
from connectory.vetting.review_store import Review
from connectory.vetting.rules import ROLES, UNDECIDED, Decision
from connectory.work import Event, Origin, Work
from connectory.work.log import Row


@dataclass(frozen=True, slots=True)
class MergeNotCounted(Event):
    """A merge was to count as the sign-off of a role, and did not; `reason` says why."""

    review: str
    digest: str
    role: str
    by: str
    commit: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Merge:
    """A merge, as the log tells of it."""

    source: str
    sync: str
    folder: str
    commit: str
    by: str
    after: str
    roles: tuple[Reviewer, ...]


def follow(work: Work, event: Row) -> None:
    """Sign off the version that was merged; twice is like once."""
    if event.kind != VersionMerged.__name__:
        return
    there = review_store.of_version(work, *of_label(event.subject))
    review = review_store.by_id(work, there.id, lock=True) if there else None
    found = settling.version_of(work, review) if review else None
    if review is None or found is None or found.release.digest != event.facts["digest"]:
        return
    if review.state in UNDECIDED:
        _sign(work, review, found, _merge(event))
        settling.settle(work, review.id)


def _sign(work: Work, review: Review, found: Version, merge: _Merge) -> None:
    """Decide in each role that is asked and in which nobody said anything yet."""
    said = rules.latest(review_store.decisions(work, review.id))
    counted = sources.sign_offs(work, merge.source)
    as_merger = replace(work, origin=Origin(merge.by, merge.sync))
    doubts: dict[Reviewer, str] = {}
    for role in merge.roles:
        if role in said:
            continue
        if why := _doubt(work, review, found, merge, role, counted):
            doubts[role] = why
            told = review.digest, role, merge.by, merge.commit, why
            work.emit(MergeNotCounted(review.label, "", review.id, *told))
            continue
        words = f"merged into the branch that {merge.source} pulls"
        decision = Said(role, Decision.APPROVE, review.digest, words)
        by_merge = f"{merge.source}@{merge.commit}"
        deciding.record(as_merger, review, decision, merge.by, merge=by_merge)
    take_back(work, merge.sync, merge.folder, doubts)


def _doubt(
    work: Work,
    review: Review,
    found: Version,
    merge: _Merge,
    role: Reviewer,
    counted: Collection[Reviewer],
) -> str:
    """Return why a merge does not count for a role, nothing if it does."""
    if role not in ROLES[review.risk]:
        return f"{role} is not asked about a {review.risk} risk"
    if role not in counted:
        return f"{merge.source} does not let merges count for {role} any more"
    if not access.active(work, [merge.by]) or role not in access.reviewer_kinds(work, merge.by):
        return f"{merge.by} is no reviewer for {role} any more"
    if merge.by in writers(work, found):
        return f"{merge.by} wrote or owns it"
    if not _is_signed(work, review, merge.after, role):
        return f"{merge.after}, which it changed, is neither approved nor signed by {role}"
    return ""


def _is_signed(work: Work, review: Review, after: str, role: Reviewer) -> bool:
    """Whether what the folder held before is signed, so the merge shows all that is new."""
    if after in {"", review.name.at(review.base)}:
        return True
    name, version = of_label(after)
    before = review_store.of_version(work, name, version)
    if before is None or name != review.name:
        return False
    said = rules.latest(review_store.decisions(work, before.id)).get(role)
    return said is not None and said.decision is Decision.APPROVE


def _merge(event: Row) -> _Merge:
    names = ("source", "sync", "folder", "commit", "by", "after")
    facts = {name: str(event.facts[name]) for name in names}
    roles = event.facts["roles"]
    return _Merge(**facts, roles=tuple(map(Reviewer, roles if isinstance(roles, list) else ())))
