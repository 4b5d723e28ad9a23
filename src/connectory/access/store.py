"""The tables of accounts, teams and credentials, and every query on them."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Row,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from connectory.access.rules import NO_PREFERENCES, Preferences, Reviewer, Role, Scope
from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime, insert_new, put_row

ACCOUNTS = Table(
    "account",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("display", Text, nullable=False),
    Column("is_admin", Boolean, nullable=False),
    Column("is_disabled", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("theme", Text),
    Column("density", Text),
    Column("zone", Text),
)
REVIEWERS = Table(
    "account_reviewer",
    METADATA,
    Column("account", Text, ForeignKey("account.name"), primary_key=True),
    Column("kind", Text, primary_key=True),
)
TEAMS = Table(
    "team",
    METADATA,
    Column("slug", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)
MEMBERS = Table(
    "team_member",
    METADATA,
    Column("team", Text, ForeignKey("team.slug"), primary_key=True),
    Column("account", Text, ForeignKey("account.name"), primary_key=True, index=True),
    Column("role", Text, nullable=False),
)
NAMESPACES = Table(
    "namespace",
    METADATA,
    Column("slug", Text, primary_key=True),
    Column("team", Text, ForeignKey("team.slug"), nullable=False, index=True),
)
TOKENS = Table(
    "token",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("account", Text, ForeignKey("account.name"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("namespace", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("last_used_at", UtcTime),
    Column("revoked_at", UtcTime),
    Column("made_by", Text, index=True),
)


@dataclass(frozen=True, slots=True)
class Token:
    """What may be shown of an access token."""

    id: str
    account: str
    name: str
    scopes: frozenset[Scope]
    namespace: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    made_by: str = ""  # the token that made it and that it ends with


@dataclass(frozen=True, slots=True)
class Account:
    """One person or machine that can sign in."""

    name: str
    display: str
    is_admin: bool
    is_disabled: bool
    preferences: Preferences = NO_PREFERENCES


def account(work: Work, name: str) -> Account | None:
    """Return an account by name."""
    row = work.db.execute(select(ACCOUNTS).where(ACCOUNTS.c.name == name)).first()
    if row is None:
        return None
    chosen = Preferences(row.theme or "", row.density or "", row.zone or "")
    return Account(row.name, row.display, row.is_admin, row.is_disabled, chosen)


def set_preferences(work: Work, name: str, chosen: Preferences) -> None:
    """Keep how an account wants its pages."""
    change = update(ACCOUNTS).where(ACCOUNTS.c.name == name)
    work.db.execute(change.values(**asdict(chosen)))


def add_account(work: Work, new: Account) -> bool:
    """Insert an account unless there is one of its name; return whether it was inserted."""
    values = {
        "name": new.name,
        "display": new.display,
        "is_admin": new.is_admin,
        "is_disabled": new.is_disabled,
        "created_at": work.now,
    }
    return insert_new(work.db, ACCOUNTS, values)


def disable_account(work: Work, name: str) -> bool:
    """Mark an account as disabled, from the next request on; return whether it was not yet."""
    able = and_(ACCOUNTS.c.name == name, ACCOUNTS.c.is_disabled.is_(False))
    return work.db.execute(update(ACCOUNTS).where(able).values(is_disabled=True)).rowcount > 0


def reviewer_kinds(work: Work, name: str) -> frozenset[Reviewer]:
    """Return the kinds of sign-off an account can give."""
    found = work.db.execute(select(REVIEWERS.c.kind).where(REVIEWERS.c.account == name))
    return frozenset(Reviewer(kind) for kind in found.scalars())


def reviewers(work: Work, kinds: Iterable[Reviewer]) -> frozenset[str]:
    """Return the accounts that work and can give one of these kinds of sign-off."""
    query = select(REVIEWERS.c.account).join(ACCOUNTS, ACCOUNTS.c.name == REVIEWERS.c.account)
    fit = query.where(REVIEWERS.c.kind.in_(sorted(kinds)), ACCOUNTS.c.is_disabled.is_(False))
    return frozenset(work.db.scalars(fit))


def admins(work: Work) -> frozenset[str]:
    """Return the accounts of admins that work."""
    query = select(ACCOUNTS.c.name).where(
        ACCOUNTS.c.is_admin, ACCOUNTS.c.is_disabled.is_(False)
    )
    return frozenset(work.db.scalars(query))


def reviewer_roles(work: Work) -> dict[str, list[Reviewer]]:
    """Return the kinds of sign-off of each account that can give any and is not disabled."""
    joined = REVIEWERS.join(ACCOUNTS, REVIEWERS.c.account == ACCOUNTS.c.name)
    query = select(REVIEWERS).select_from(joined).where(ACCOUNTS.c.is_disabled.is_(False))
    found: dict[str, list[Reviewer]] = {}
    for row in work.db.execute(query.order_by(REVIEWERS.c.account, REVIEWERS.c.kind)):
        found.setdefault(row.account, []).append(Reviewer(row.kind))
    return found


def add_reviewer(work: Work, name: str, kind: Reviewer) -> bool:
    """Let an account give one kind of sign-off; return whether it could not before."""
    return insert_new(work.db, REVIEWERS, {"account": name, "kind": kind})


def end_reviewer(work: Work, name: str, kind: Reviewer) -> bool:
    """Let an account give one kind of sign-off no more; return whether it could before."""
    ended = delete(REVIEWERS).where(REVIEWERS.c.account == name, REVIEWERS.c.kind == kind)
    return work.db.execute(ended).rowcount > 0


def roles(work: Work, name: str) -> dict[str, Role]:
    """Return the teams of an account and its role in each."""
    query = select(MEMBERS.c.team, MEMBERS.c.role).where(MEMBERS.c.account == name)
    found = work.db.execute(query.order_by(MEMBERS.c.team))
    return {row.team: Role(row.role) for row in found}


def team_title(work: Work, slug: str) -> str | None:
    """Return the title of a team, None if there is none."""
    title = work.db.execute(select(TEAMS.c.title).where(TEAMS.c.slug == slug)).scalar()
    return None if title is None else str(title)


def add_team(work: Work, slug: str, title: str) -> bool:
    """Insert a team and the namespace of the same name, which it owns; False if one exists."""
    team = {"slug": slug, "title": title, "created_at": work.now}
    return insert_new(work.db, TEAMS, team) and insert_new(
        work.db, NAMESPACES, {"slug": slug, "team": slug}
    )


def all_teams(work: Work) -> list[tuple[str, str]]:
    """Return slug and title of every team."""
    found = work.db.execute(select(TEAMS.c.slug, TEAMS.c.title).order_by(TEAMS.c.slug))
    return [(row.slug, row.title) for row in found]


def members(work: Work, team: str) -> list[tuple[str, Role]]:
    """Return the accounts of a team with their roles."""
    query = select(MEMBERS.c.account, MEMBERS.c.role).where(MEMBERS.c.team == team)
    found = work.db.execute(query.order_by(MEMBERS.c.account))
    return [(row.account, Role(row.role)) for row in found]


def lock_team(work: Work, team: str) -> None:
    """Hold the team's row until the transaction ends, so that owners are counted truly."""
    work.db.execute(select(TEAMS.c.slug).where(TEAMS.c.slug == team).with_for_update())


def set_member(work: Work, team: str, name: str, role: Role) -> None:
    """Give an account a role in a team, replacing the one it has."""
    put_row(work.db, MEMBERS, {"team": team, "account": name, "role": role})


def remove_member(work: Work, team: str, name: str) -> bool:
    """Take an account out of a team; return whether it was in it."""
    gone = delete(MEMBERS).where(and_(MEMBERS.c.team == team, MEMBERS.c.account == name))
    return work.db.execute(gone).rowcount > 0


def namespace_team(work: Work, slug: str) -> str | None:
    """Return the team that owns a namespace."""
    return namespace_teams(work, [slug]).get(slug)


def namespace_teams(work: Work, slugs: Iterable[str]) -> dict[str, str]:
    """Return the owning team of each namespace that exists."""
    found = work.db.execute(TEAMS_OF_NAMESPACES, {"slugs": sorted(set(slugs))})
    return {row.slug: row.team for row in found}


def namespaces_of(work: Work, teams: Iterable[str]) -> list[str]:
    """Return the namespaces that some teams own."""
    query = select(NAMESPACES.c.slug).where(NAMESPACES.c.team.in_(sorted(set(teams))))
    return [str(slug) for slug in work.db.execute(query.order_by(NAMESPACES.c.slug)).scalars()]


def add_token(work: Work, new: Token, fingerprint: str) -> None:
    """Insert a token."""
    work.db.execute(
        insert(TOKENS).values(
            id=new.id,
            fingerprint=fingerprint,
            account=new.account,
            name=new.name,
            scopes=json.dumps(sorted(new.scopes)),
            namespace=new.namespace,
            created_at=new.created_at,
            expires_at=new.expires_at,
            made_by=new.made_by or None,
        )
    )


def token_by_fingerprint(work: Work, fingerprint: str) -> Token | None:
    """Return the token with this fingerprint, whatever its state."""
    row = work.db.execute(select(TOKENS).where(TOKENS.c.fingerprint == fingerprint)).first()
    return _token(row) if row else None


def token(work: Work, token_id: str, *, lock: bool = False) -> Token | None:
    """Return a token by id; with `lock`, nobody can revoke it until the transaction ends."""
    query = select(TOKENS).where(TOKENS.c.id == token_id)
    row = work.db.execute(query.with_for_update() if lock else query).first()
    return _token(row) if row else None


def tokens_for(work: Work, accounts: Iterable[str], namespaces: Iterable[str]) -> list[Token]:
    """Return what is not revoked of some accounts, or publishes into some namespaces."""
    whose = or_(
        TOKENS.c.account.in_(sorted(set(accounts))),
        TOKENS.c.namespace.in_(sorted(set(namespaces))),
    )
    query = select(TOKENS).where(and_(whose, TOKENS.c.revoked_at.is_(None)))
    found = work.db.execute(query.order_by(TOKENS.c.account, TOKENS.c.created_at.desc()))
    return [_token(row) for row in found]


def tokens_of(work: Work, name: str) -> list[Token]:
    """Return the tokens of an account that are not revoked, newest first."""
    query = select(TOKENS).where(and_(TOKENS.c.account == name, TOKENS.c.revoked_at.is_(None)))
    return [_token(row) for row in work.db.execute(query.order_by(TOKENS.c.created_at.desc()))]


def revoke_token(work: Work, token_id: str) -> list[Token]:
    """Make a token and all that was made with it useless; return those that were not yet.

    A token is made while its maker is locked, so a look after the update that locks all
    makers finds what was made meanwhile.
    """
    tree = select(TOKENS.c.id).where(TOKENS.c.id == token_id).cte("tree", recursive=True)
    tree = tree.union(select(TOKENS.c.id).where(TOKENS.c.made_by == tree.c.id))
    alive = and_(TOKENS.c.id.in_(select(tree.c.id)), TOKENS.c.revoked_at.is_(None))
    change = update(TOKENS).where(alive).values(revoked_at=work.now).returning(TOKENS)
    ended: list[Token] = []
    while found := work.db.execute(change).all():
        ended += [_token(row) for row in found]
    return ended


def supersede_token(work: Work, old: str, new: str) -> bool:
    """Revoke a token but nothing made with it, which hangs on the new one from now on."""
    work.db.execute(update(TOKENS).where(TOKENS.c.made_by == old).values(made_by=new))
    alive = and_(TOKENS.c.id == old, TOKENS.c.revoked_at.is_(None))
    return work.db.execute(update(TOKENS).where(alive).values(revoked_at=work.now)).rowcount > 0


def touch_token(work: Work, token_id: str) -> None:
    """Record that a token was used now."""
    work.db.execute(update(TOKENS).where(TOKENS.c.id == token_id).values(last_used_at=work.now))


def _token(row: Row[tuple[object, ...]]) -> Token:
    return Token(
        id=row.id,
        account=row.account,
        name=row.name,
        scopes=frozenset(Scope(scope) for scope in json.loads(row.scopes)),
        namespace=row.namespace,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
        made_by=row.made_by or "",
    )


TEAMS_OF_NAMESPACES = select(NAMESPACES.c.slug, NAMESPACES.c.team).where(
    NAMESPACES.c.slug.in_(bindparam("slugs", expanding=True))
)
"""Built once: putting a query together costs more than running it."""
