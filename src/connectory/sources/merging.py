"""Whether a merge proves a sign-off: one merge, by somebody whom the host vouches for.

Who merged is what the webhook says, signed with a secret that admins alone have seen; who wrote
it is what the commits say. What is not proven counts for nothing, and the reason is told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from connectory.access import read as access
from connectory.access.rules import Reviewer
from connectory.catalog import read as catalog
from connectory.catalog.read import Version
from connectory.catalog.rules import Status
from connectory.gates.git import Landing
from connectory.sources import store
from connectory.sources.rules import SignOff, Source, accounts_of
from connectory.work import Work

OF_HOSTS = frozenset({"noreply@github.com"})
"""Addresses under which hosts commit what people write on their pages."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the repository says of a folder since it was published last."""

    landings: tuple[Landing, ...]
    addresses: frozenset[str]  # of who wrote it


class _UnprovenError(Exception):
    """Something is not proven; the message says what, for people."""


def sign_off(work: Work, source: Source, found: Version, evidence: Evidence) -> SignOff:
    """Say for which roles a version that was just published is signed off by its merge."""
    commit = evidence.landings[0].commit if evidence.landings else ""
    try:
        merge = _only_merge(evidence.landings)
        merger = _merger(work, source, merge)
        _check_writers(work, source, evidence.addresses)
        _check_version(work, found, merger)
        roles, reason = _roles(work, source, merger)
    except _UnprovenError as why:
        return SignOff(commit=commit, reason=str(why))
    return SignOff(roles, merger, merge.commit, reason)


def take_back(work: Work, sync: str, folder: str, doubts: Mapping[Reviewer, str]) -> None:
    """Say in the log of a sync for which roles a merge did not count after all, and why."""
    entry = store.entry(work, sync, folder)
    if entry is None or entry.sign_off is None or not doubts:
        return
    said = entry.sign_off
    roles = tuple(role for role in said.roles if role not in doubts)
    reason = "; ".join(filter(None, (said.reason, *dict.fromkeys(doubts.values()))))
    counted = replace(said, roles=roles, reason=reason)
    store.put_entries(work, sync, [replace(entry, sign_off=counted)])


def _only_merge(landings: Iterable[Landing]) -> Landing:
    """Return the one merge that made the folder what it is."""
    found = list(landings)
    if len(found) != 1:
        raise _UnprovenError("not one commit alone brought it in since it was published last")
    if not found[0].is_merge:
        raise _UnprovenError("it came by no merge commit, but by a push, a squash or a rebase")
    return found[0]


def _merger(work: Work, source: Source, merge: Landing) -> str:
    """Return the account of who merged."""
    pushed = store.pushers(work, source.name, merge.commit, merge.parents[0])
    if len(pushed) != 1:
        raise _UnprovenError("no signed webhook says who merged it, and nothing else")
    [name] = source.accounts(pushed)
    if not access.active(work, [name]):
        raise _UnprovenError(f"{name}, who merged it, stands for no account")
    return name


def _check_writers(work: Work, source: Source, addresses: Iterable[str]) -> None:
    """Refuse commits of people who stand for no account: any of them may be the merger."""
    for address in sorted(set(addresses) - OF_HOSTS):
        names = source.accounts(accounts_of([address]))
        if not access.active(work, names):
            raise _UnprovenError(f"{address[:80]}, who wrote it, stands for no account")


def _check_version(work: Work, found: Version, merger: str) -> None:
    if found.release.status is Status.DRAFT:
        raise _UnprovenError("it is a draft, which nobody reviews yet")
    if merger in catalog.writers(work, found):
        raise _UnprovenError(f"{merger} wrote or owns it, and signs off no own work")


def _roles(work: Work, source: Source, merger: str) -> tuple[tuple[str, ...], str]:
    """Return the roles in which the merger may sign, and why there are no more."""
    kinds = access.reviewer_kinds(work, merger)
    lacking = [role for role in source.sign_offs if role not in kinds]
    reason = f"{merger} is no reviewer for {', '.join(lacking)}" if lacking else ""
    return tuple(role for role in source.sign_offs if role in kinds), reason
