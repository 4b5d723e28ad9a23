"""Adding and removing sources, and asking for them to be pulled."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from connectory.access import read as access
from connectory.access.accounts import AccountMissingError
from connectory.access.credentials import new_key
from connectory.access.edge import Opener
from connectory.access.rules import Actor, Reviewer, Role, require_role
from connectory.backends.secrets import Secrets
from connectory.gates import git
from connectory.kernel.ids import new_id
from connectory.kernel.secret import Secret
from connectory.sources import store
from connectory.sources.rules import (
    MergesCounted,
    Source,
    SourceAdded,
    SourceExistsError,
    SourceMissingError,
    SourceRefusedError,
    SourceRemoved,
    Sync,
    SyncAsked,
    SyncMissingError,
    SyncState,
    check_sign_offs,
    check_wish,
)
from connectory.work import Work


@dataclass(frozen=True, slots=True)
class Rule:
    """As whose sign-off a merge counts, and the accounts of those who are called otherwise."""

    roles: tuple[Reviewer, ...] = ()
    people: Mapping[str, str] = field(default_factory=dict)


def add(opener: Opener, secrets: Secrets, rules: git.Rules, wish: Source, by: Actor) -> Secret:
    """Pull a repository from now on; return the secret that its webhook signs with.

    Raises:
        TeamMissingError, RoleError: If the actor is no owner of the team.
        SourceRefusedError, SourceExistsError: If it cannot be added so.
        RepositoryRefusedError, UrlNotAllowedError: If it is none that may be pulled.
    """
    require_role(by, Role.OWNER, wish.team)
    check_wish(wish)
    git.check_remote(wish.url, wish.branch, rules)
    key = Secret(new_key())
    with opener.write() as work:
        access.require_team(work, wish.team)
        mine = access.namespaces_of_team(work, wish.team)
        if wish.namespace not in mine:
            hint = f"namespaces of {wish.team}: {', '.join(mine) or 'none'}"
            raise SourceRefusedError("namespace", wish.namespace, hint)
        if not store.add(work, wish):
            raise SourceExistsError(wish.name)
        work.emit(SourceAdded(wish.name, wish.team, wish.url, wish.branch, wish.namespace))
        now = work.now
    secrets.put(wish.hook_path, key, by=by.name, at=now)
    return key


def remove(opener: Opener, secrets: Secrets, name: str, by: Actor) -> None:
    """Pull a repository no more. What it published stays.

    Raises:
        SourceMissingError: If there is none, or the actor may not see it.
        RoleError: If the actor is no owner of its team.
    """
    with opener.write() as work:
        found = visible(work, name, by)
        require_role(by, Role.OWNER, found.team)
        store.remove(work, name)
        work.emit(SourceRemoved(name, found.team, found.url))
    secrets.delete(found.hook_path)


def count_merges(opener: Opener, secrets: Secrets, name: str, rule: Rule, by: Actor) -> Secret:
    """Let merges count as the sign-off of roles; return the new secret of the webhook.

    Only the admin who says so sees that secret, so nobody else can say who merged.

    Raises:
        SourceMissingError: If there is none.
        SourceRefusedError: If merges cannot count for a role.
        AccountMissingError: If somebody has no account, or may not sign in.
    """
    check_sign_offs(rule.roles)
    with opener.read() as work:
        found = visible(work, name, by)
        unknown = set(rule.people.values()) - access.active(work, rule.people.values())
        now = work.now
    if unknown:
        raise AccountMissingError(min(unknown))
    key = Secret(new_key())
    secrets.put(found.hook_path, key, by=by.name, at=now)  # first: the old one proves nothing
    with opener.write() as work:
        _set_rule(work, visible(work, name, by), rule)
    return key


def stop_counting(opener: Opener, name: str, by: Actor) -> None:
    """Let merges count as nobody's sign-off, which is how a source begins.

    Raises:
        SourceMissingError: If there is none.
    """
    with opener.write() as work:
        _set_rule(work, visible(work, name, by), Rule())


def _set_rule(work: Work, found: Source, rule: Rule) -> None:
    roles = tuple(dict.fromkeys(rule.roles))
    store.count_merges(work, replace(found, sign_offs=roles, people=rule.people))
    people = [f"{one} {account}" for one, account in sorted(rule.people.items())]
    work.emit(MergesCounted(found.name, found.team, list(roles), people))


def visible(work: Work, name: str, by: Actor) -> Source:
    """Return a source of a team that the actor is in.

    Raises:
        SourceMissingError: If there is none.
    """
    found = store.source(work, name)
    if found is None or not by.has_role(Role.VIEWER, found.team):
        raise SourceMissingError(name)
    return found


def visible_sync(work: Work, name: str, sync: str, by: Actor) -> Sync:
    """Return a pull of a source of a team that the actor is in.

    Raises:
        SourceMissingError, SyncMissingError: If there is none.
    """
    found = store.sync(work, visible(work, name, by).name, sync)
    if found is None:
        raise SyncMissingError(name, sync)
    return found


def mine(work: Work, by: Actor) -> list[Source]:
    """Return the sources of the actor's teams; admins see all."""
    return store.sources(work, None if by.is_admin else by.teams.keys())


def ask(work: Work, source: Source, *, anew: bool = False, hook: bool = False) -> Sync:
    """Let a source be pulled soon; one pull at a time waits, so asking again asks for that one.

    `anew` publishes what has not changed once more, too: for what was refused by mistake.
    """
    new = Sync(
        id=new_id("syn"),
        source=source.name,
        state=SyncState.WAITING,
        is_anew=anew,
        asked_by=work.origin.actor,
        asked_at=work.now,
    )
    asked = store.ask(work, new)
    work.emit(SyncAsked(source.name, source.team, asked.id, hook))
    return asked


def ask_as(work: Work, name: str, by: Actor, *, anew: bool) -> Sync:
    """Let a source be pulled on behalf of somebody.

    Raises:
        SourceMissingError: If there is none, or the actor may not see it.
        RoleError: If the actor is no member of its team.
    """
    found = visible(work, name, by)
    require_role(by, Role.MEMBER, found.team)
    return ask(work, found, anew=anew)
