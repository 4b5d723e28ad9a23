"""What other slices and pages may know about accounts, teams and namespaces."""

from collections.abc import Iterable
from dataclasses import dataclass

from connectory.access import store
from connectory.access.accounts import AccountMissingError
from connectory.access.rules import Actor, Reviewer, Role, TeamMissingError
from connectory.access.store import Token
from connectory.work import Work

__all__ = ["Member", "Team", "Token", "namespace_team", "namespace_teams", "team", "teams"]


@dataclass(frozen=True, slots=True)
class Member:
    """One account in a team."""

    account: str
    role: Role


@dataclass(frozen=True, slots=True)
class Team:
    """A team with its members and the namespaces it owns."""

    slug: str
    title: str
    members: tuple[Member, ...]
    namespaces: tuple[str, ...]


def team(work: Work, slug: str) -> Team | None:
    """Return a team, None if there is none."""
    title = store.team_title(work, slug)
    if title is None:
        return None
    return Team(
        slug=slug,
        title=title,
        members=tuple(Member(name, role) for name, role in store.members(work, slug)),
        namespaces=tuple(store.namespaces_of(work, [slug])),
    )


def require_team(work: Work, slug: str) -> None:
    """Refuse a team that does not exist; whoever is no admin was refused before.

    Raises:
        TeamMissingError: If there is no such team.
    """
    if store.team_title(work, slug) is None:
        raise TeamMissingError(slug, {})


def teams(work: Work, actor: Actor) -> dict[str, str]:
    """Return slug -> title of the teams that the actor is in; admins see all."""
    every = dict(store.all_teams(work))
    if actor.is_admin:
        return every
    return {slug: title for slug, title in every.items() if slug in actor.teams}


def namespace_team(work: Work, namespace: str) -> str | None:
    """Return the team that owns a namespace, None if there is no such namespace."""
    return store.namespace_team(work, namespace)


def namespace_teams(work: Work, namespaces: Iterable[str]) -> dict[str, str]:
    """Return the owning team of each of the namespaces that exists."""
    return store.namespace_teams(work, namespaces)


def namespaces_of(work: Work, actor: Actor) -> tuple[str, ...]:
    """Return the namespaces of the actor's own teams, by name."""
    return tuple(store.namespaces_of(work, actor.teams))


def namespaces_of_team(work: Work, slug: str) -> tuple[str, ...]:
    """Return the namespaces of a team, by name."""
    return tuple(store.namespaces_of(work, [slug]))


def reviewer_kinds(work: Work, account: str) -> frozenset[Reviewer]:
    """Return the kinds of sign-off that an account can give.

    Raises:
        AccountMissingError: If there is no such account.
    """
    if store.account(work, account) is None:
        raise AccountMissingError(account)
    return store.reviewer_kinds(work, account)


def active(work: Work, names: Iterable[str]) -> frozenset[str]:
    """Return those of some names that are accounts which may sign in."""
    found = (store.account(work, name) for name in names)
    return frozenset(one.name for one in found if one is not None and not one.is_disabled)


def reviewers(work: Work, kinds: Iterable[Reviewer]) -> frozenset[str]:
    """Return the accounts that can give one of these kinds of sign-off."""
    return store.reviewers(work, kinds)


def admins(work: Work) -> frozenset[str]:
    """Return the accounts of admins."""
    return store.admins(work)


def reviewer_roles(work: Work) -> dict[str, list[Reviewer]]:
    """Return the roles of each account that reviews, by name."""
    return store.reviewer_roles(work)


def tokens(work: Work, account: str) -> list[Token]:
    """Return the tokens of an account that still work or have expired, newest first."""
    return store.tokens_of(work, account)


def team_tokens(work: Work, slug: str) -> list[Token]:
    """Return the tokens of a team's members, and those that publish into its namespaces."""
    members = [name for name, _ in store.members(work, slug)]
    return store.tokens_for(work, members, store.namespaces_of(work, [slug]))
