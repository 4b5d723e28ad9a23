"""Accounts, teams and who is in which."""

import re
from dataclasses import dataclass
from typing import ClassVar

from connectory.access import store
from connectory.access.rules import Reviewer, Role
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.work import Event, Work

SLUG = re.compile(r"\A[a-z][a-z0-9-]{1,62}\Z")


@dataclass(frozen=True, slots=True)
class AccountCreated(Event):
    """An account exists from now on."""

    is_admin: bool


@dataclass(frozen=True, slots=True)
class AccountDisabled(Event):
    """An account can no longer sign in; its tokens and sessions are dead."""


@dataclass(frozen=True, slots=True)
class ReviewerMade(Event):
    """An account can give one kind of sign-off from now on."""

    reviews: str


@dataclass(frozen=True, slots=True)
class ReviewerEnded(Event):
    """An account can give one kind of sign-off no more."""

    reviews: str


@dataclass(frozen=True, slots=True)
class TeamCreated(Event):
    """A team and the namespace of its name exist from now on."""

    title: str


@dataclass(frozen=True, slots=True)
class MemberSet(Event):
    """An account has a role in a team from now on."""

    account: str
    role: str


@dataclass(frozen=True, slots=True)
class MemberRemoved(Event):
    """An account left a team; its rights there ended with this event."""

    account: str


class BadSlugError(ConnectoryError):
    """A name of a team or account has characters that names cannot have."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "bad-slug"

    def __init__(self, slug: str, field: str) -> None:
        super().__init__(
            f"`{slug[:80]}` cannot be a name",
            hint="use 2 to 63 of a-z, 0-9 and `-`, beginning with a letter",
            field=field,
        )


class TeamExistsError(ConnectoryError):
    """A team or namespace of this name exists already."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "team-exists"

    def __init__(self, slug: str) -> None:
        super().__init__(
            f"there is a team or namespace called {slug} already",
            hint="choose another name",
            field="slug",
            team=slug,
        )


class AccountMissingError(ConnectoryError):
    """There is no such account."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "account-missing"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"there is no account called `{name[:80]}`",
            hint="check the spelling; an account appears when its person first signs in",
            field="account",
        )


class LastOwnerError(ConnectoryError):
    """A team would be left without an owner."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "last-owner"

    def __init__(self, team: str, name: str) -> None:
        super().__init__(
            f"{name} is the last owner of {team}",
            hint="make somebody else an owner first",
            team=team,
        )


def create_account(work: Work, name: str, *, display: str = "", is_admin: bool = False) -> bool:
    """Create an account unless it exists; return whether it was created.

    Raises:
        BadSlugError: If the name has other characters than names can have.
    """
    _check_slug(name, "account")
    new = store.Account(name, display or name, is_admin, is_disabled=False)
    if not store.add_account(work, new):
        return False
    work.emit(AccountCreated(subject=name, team="", is_admin=is_admin))
    return True


def disable_account(work: Work, name: str) -> None:
    """End everything an account can do, from the next request on.

    Raises:
        AccountMissingError: If there is no such account.
    """
    _require_account(work, name)
    if store.disable_account(work, name):
        work.emit(AccountDisabled(subject=name, team=""))


def make_reviewer(work: Work, name: str, kind: Reviewer) -> None:
    """Let an account give one kind of sign-off; without effect if it may already."""
    _require_account(work, name)
    if store.add_reviewer(work, name, kind):
        work.emit(ReviewerMade(subject=name, team="", reviews=kind))


def end_reviewer(work: Work, name: str, kind: Reviewer) -> None:
    """Take one kind of sign-off from an account; without effect if it has it not."""
    _require_account(work, name)
    if store.end_reviewer(work, name, kind):
        work.emit(ReviewerEnded(subject=name, team="", reviews=kind))


def create_team(work: Work, slug: str, title: str) -> None:
    """Create a team and the namespace of the same name.

    Raises:
        BadSlugError: If the slug has other characters than names can have.
        TeamExistsError: If the name is taken.
    """
    _check_slug(slug, "slug")
    if not store.add_team(work, slug, title or slug):
        raise TeamExistsError(slug)
    work.emit(TeamCreated(subject=slug, team=slug, title=title or slug))


def set_member(work: Work, team: str, name: str, role: Role) -> None:
    """Give an account a role in a team; without effect if it has just that one.

    Raises:
        AccountMissingError: If there is no such account.
        LastOwnerError: If the team's last owner would lose that role.
    """
    _require_account(work, name)
    store.lock_team(work, team)
    if store.roles(work, name).get(team) is role:
        return
    if role is not Role.OWNER:
        _keep_an_owner(work, team, name)
    store.set_member(work, team, name, role)
    work.emit(MemberSet(subject=team, team=team, account=name, role=role))


def remove_member(work: Work, team: str, name: str) -> None:
    """Take an account out of a team; without effect if it is not in it.

    Raises:
        LastOwnerError: If it is the team's last owner.
    """
    store.lock_team(work, team)
    _keep_an_owner(work, team, name)
    if store.remove_member(work, team, name):
        work.emit(MemberRemoved(subject=team, team=team, account=name))


def _keep_an_owner(work: Work, team: str, name: str) -> None:
    owners = [who for who, role in store.members(work, team) if role is Role.OWNER]
    if owners == [name]:
        raise LastOwnerError(team, name)


def _require_account(work: Work, name: str) -> None:
    if store.account(work, name) is None:
        raise AccountMissingError(name)


def _check_slug(slug: str, field: str) -> None:
    if not SLUG.match(slug):
        raise BadSlugError(slug, field)
