"""Letting another account decide in one's place, for some versions and for a while.

What counts is looked up when a decision is made: a delegation ends with its time, when it is
revoked, and with the role of who gave it. Nothing that was delegated can be delegated on, and a
veto never: both need the role itself.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from connectory.access import read as access
from connectory.access.rules import Actor, Reviewer
from connectory.catalog.read import Version, writers
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.ids import new_id
from connectory.vetting import delegation_store, rules
from connectory.vetting.delegation_store import Delegation
from connectory.vetting.rules import RISKS, NotReviewerError
from connectory.work import Event, Work

MOST_DAYS = 90


@dataclass(frozen=True, slots=True)
class ReviewDelegated(Event):
    """An account may decide for another in a role until a certain time."""

    delegation: str
    taker: str
    role: str
    tag: str
    risk: str
    days: int


@dataclass(frozen=True, slots=True)
class DelegationRevoked(Event):
    """A delegation ended before its time."""

    delegation: str
    taker: str
    role: str


class DelegationMissingError(ConnectoryError):
    """There is no such delegation, or it is neither by nor to the caller."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "delegation-missing"

    def __init__(self, delegation: str) -> None:
        super().__init__(
            f"there is no delegation `{delegation[:40]}`",
            hint="list yours: GET /api/v1/delegations",
        )


class DelegationScopeError(ConnectoryError):
    """What was delegated to the account is for other versions, or has ended."""

    kind: ClassVar[Kind] = Kind.NOT_ALLOWED
    code: ClassVar[str] = "delegation-scope"

    def __init__(self, label: str, role: Reviewer, giver: str) -> None:
        super().__init__(
            f"what {giver} delegated to you for {role} does not cover {label}, or not any more",
            hint=f"ask {giver}, or another reviewer who signs for {role}",
        )


class DelegateSelfError(ConnectoryError):
    """Somebody wants to delegate to their own account."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "delegate-self"

    def __init__(self) -> None:
        super().__init__(
            "you decide for yourself anyway", hint="name another account in `to`", field="to"
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """Who should decide in which role, of which versions, for how many days."""

    taker: str
    role: Reviewer
    days: int
    tag: str = ""
    risk: str = RISKS[-1]


def delegate(work: Work, wish: Wish, by: Actor) -> Delegation:
    """Let another account decide in a role of one's own.

    Raises:
        NotReviewerError: If the actor does not have the role itself.
        AccountMissingError: If there is no account to delegate to.
        DelegateSelfError: If it is the actor's own.
    """
    if wish.role not in access.reviewer_kinds(work, by.name):
        raise NotReviewerError(wish.role)
    if wish.taker == by.name:
        raise DelegateSelfError
    access.reviewer_kinds(work, wish.taker)  # there must be such an account
    made = Delegation(
        id=new_id("del"),
        giver=by.name,
        taker=wish.taker,
        role=wish.role,
        tag=wish.tag,
        risk=wish.risk,
        made_at=work.now,
        ends_at=work.now + timedelta(days=wish.days),
    )
    delegation_store.add(work, made)
    facts = {"taker": made.taker, "role": made.role, "tag": made.tag, "risk": made.risk}
    work.emit(ReviewDelegated(by.name, "", made.id, days=wish.days, **facts))
    return made


def revoke(work: Work, delegation: str, by: Actor) -> None:
    """End a delegation now: by who gave or got it, or an admin; what was decided stays.

    Raises:
        DelegationMissingError: If there is none that the actor may end.
    """
    found = delegation_store.by_id(work, delegation)
    if found is None or not (by.is_admin or by.name in {found.giver, found.taker}):
        raise DelegationMissingError(delegation)
    if delegation_store.revoke(work, delegation):
        work.emit(DelegationRevoked(found.giver, "", found.id, found.taker, found.role))


def giver_for(work: Work, found: Version, role: Reviewer, by: Actor) -> str:
    """Return for whom an account decides that does not have a role itself.

    Raises:
        NotReviewerError: If nobody delegated the role to it.
        DelegationScopeError: If somebody did, but not for this version, or not any more.
    """
    given = delegation_store.of_taker(work, by.name, lock=True)
    mine = [one for one in given if one.role is role]
    fitting = [one for one in mine if _covers(work, one, found)]
    if fitting:
        return fitting[0].giver
    if mine:
        raise DelegationScopeError(found.release.label, role, mine[-1].giver)
    raise NotReviewerError(role)


def roles(work: Work, found: Version, account: str) -> frozenset[Reviewer]:
    """Return the roles in which an account can sign a version, by itself or for others."""
    lent = (
        one.role
        for one in delegation_store.of_taker(work, account)
        if _covers(work, one, found)
    )
    return access.reviewer_kinds(work, account) | frozenset(lent)


def possible_roles(work: Work, account: str) -> frozenset[Reviewer]:
    """Return the roles in which an account can sign any version at all."""
    lent = (one.role for one in delegation_store.of_taker(work, account))
    return access.reviewer_kinds(work, account) | frozenset(lent)


def is_in_force(work: Work, one: Delegation) -> bool:
    """Whether a delegation counts now: it goes on, and its giver has the role and account."""
    is_over = one.revoked_at is not None or one.ends_at <= work.now
    return not is_over and one.role in access.reviewer_roles(work).get(one.giver, ())


def _covers(work: Work, one: Delegation, found: Version) -> bool:
    """Whether a delegation is for a version, and its giver could sign that."""
    if not is_in_force(work, one) or one.giver in writers(work, found):
        return False
    risk = rules.risk_of(found.manifest)
    return not rules.is_riskier(risk, one.risk) and _has_tag(found.manifest.tags, one.tag)


def _has_tag(tags: Collection[str], tag: str) -> bool:
    return not tag or tag in tags
