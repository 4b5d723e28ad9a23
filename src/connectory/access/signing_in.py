"""Tokens, browser sessions and one-time links: making, recognising and ending them."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from connectory.access import rules, store
from connectory.access.accounts import AccountMissingError
from connectory.access.credentials import fingerprint, looks_like_token, new_key, new_token
from connectory.access.rules import Actor, BadCredentialError, Scope
from connectory.access.store import Token
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.ids import new_id
from connectory.kernel.secret import Secret
from connectory.work import Event, Work

LINK_MINUTES = 15


@dataclass(frozen=True, slots=True)
class TokenCreated(Event):
    """An access token exists from now on."""

    account: str
    scopes: list[str]
    expires_at: str


@dataclass(frozen=True, slots=True)
class TokenRevoked(Event):
    """An access token stopped working."""

    account: str


@dataclass(frozen=True, slots=True)
class SignedIn(Event):
    """A browser session began."""


@dataclass(frozen=True, slots=True)
class SignedOut(Event):
    """A browser session was ended by its owner."""


class TokenMissingError(ConnectoryError):
    """There is no such token, or it belongs to somebody else."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "token-missing"

    def __init__(self, token_id: str) -> None:
        super().__init__(
            f"you have no token {token_id[:40]}", hint="list yours with `connectory token list`"
        )


class TokenLifeError(ConnectoryError):
    """A token was asked for that would live longer than this marketplace allows."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "token-life"

    def __init__(self, days: int, most: int) -> None:
        super().__init__(
            f"a token cannot live {days} days",
            hint=f"ask for 1 to {most} days",
            field="days",
        )


class SignInLinkError(ConnectoryError):
    """A sign-in link was used before, has expired, or never was one."""

    kind: ClassVar[Kind] = Kind.NOT_SIGNED_IN
    code: ClassVar[str] = "sign-in-link"

    def __init__(self) -> None:
        super().__init__(
            "this sign-in link was used before or has expired",
            hint="`connectory up` prints a new one; or sign in with a token",
        )


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made; `value` is shown this once."""

    token: Token
    value: Secret


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a token should be good for. `scopes` empty means all that the account may do."""

    account: str
    name: str
    days: int
    scopes: frozenset[Scope] = frozenset()
    namespace: str = ""
    until: datetime | None = None  # a token that is made by a token does not outlive it


def create_token(work: Work, request: TokenRequest, *, most_days: int) -> NewToken:
    """Make an access token.

    Raises:
        AccountMissingError: If there is no such account.
        TokenLifeError: If the life asked for is not between one day and `most_days`.
    """
    account = store.account(work, request.account)
    if account is None:
        raise AccountMissingError(request.account)
    if not 1 <= request.days <= most_days:
        raise TokenLifeError(request.days, most_days)
    possible = frozenset(Scope) if account.is_admin else frozenset(Scope) - {Scope.ADMIN}
    value = new_token()
    expires = work.now + timedelta(days=request.days)
    token = Token(
        id=new_id("tok"),
        account=request.account,
        name=request.name,
        scopes=(request.scopes & possible) if request.scopes else possible,
        namespace=request.namespace,
        created_at=work.now,
        expires_at=min(expires, request.until or expires),
        last_used_at=None,
        revoked_at=None,
    )
    store.add_token(work, token, fingerprint(value))
    work.emit(
        TokenCreated(
            subject=token.id,
            team="",
            account=token.account,
            scopes=sorted(token.scopes),
            expires_at=token.expires_at.isoformat(),
        )
    )
    return NewToken(token, Secret(value))


def revoke_token(work: Work, token_id: str, *, by: Actor) -> None:
    """End a token of one's own, or any as an admin; without effect on a revoked one.

    Raises:
        TokenMissingError: If there is no such token, or it is somebody else's.
    """
    token = store.token(work, token_id)
    if token is None or (token.account != by.name and not by.is_admin):
        raise TokenMissingError(token_id)
    if store.revoke_token(work, token_id):
        work.emit(TokenRevoked(subject=token_id, team="", account=token.account))


def create_link(work: Work, account: str) -> Secret:
    """Make a one-time sign-in link; returns its key, good for 15 minutes."""
    key = new_key()
    expires = work.now + timedelta(minutes=LINK_MINUTES)
    store.add_link(work, fingerprint(key), account, expires)
    return Secret(key)


def sign_in(work: Work, link_key: str, *, hours: int) -> Secret:
    """Trade a sign-in link for a browser session; returns the session's key.

    Raises:
        SignInLinkError: If the link is unknown, used or expired.
    """
    name = store.take_link(work, fingerprint(link_key))
    if name is None:
        raise SignInLinkError
    return begin_session(work, name, hours=hours)


def sign_in_with_token(work: Work, value: str, *, hours: int) -> Secret:
    """Begin a browser session for whoever holds an access token; returns the session's key.

    A session may do all that its account may, so a token that was made for less is refused.

    Raises:
        BadCredentialError: If the token is unknown, expired, revoked or its account disabled.
        ScopeError: If the token was made for less than the account may do.
    """
    actor = actor_of_token(work, value)
    for scope in Scope:
        if scope is not Scope.ADMIN or actor.is_admin:
            rules.require_scope(actor, scope)
    return begin_session(work, actor.name, hours=hours)


def begin_session(work: Work, account: str, *, hours: int) -> Secret:
    """Begin a browser session of an account; returns the session's key."""
    key = new_key()
    store.add_session(work, fingerprint(key), account, work.now + timedelta(hours=hours))
    work.emit(SignedIn(subject=account, team=""))
    return Secret(key)


def end_session(work: Work, key: str) -> None:
    """End a browser session; without effect on an unknown one."""
    name = store.end_session(work, fingerprint(key))
    if name is not None:
        work.emit(SignedOut(subject=name, team=""))


def actor_of_token(work: Work, value: str) -> Actor:
    """Return who a token stands for, with the rights of this moment.

    Raises:
        BadCredentialError: If it is unknown, expired, revoked, or its account is disabled.
    """
    token = None
    if looks_like_token(value):
        token = store.token_by_fingerprint(work, fingerprint(value))
    if token is None or token.revoked_at is not None or token.expires_at <= work.now:
        raise BadCredentialError
    actor = _actor(work, token.account, via=token.id, scopes=token.scopes)
    return dataclasses.replace(actor, namespace=token.namespace)


def actor_of_session(work: Work, key: str) -> Actor | None:
    """Return who a browser session stands for; None when it ended."""
    name = store.session_account(work, fingerprint(key))
    if name is None:
        return None
    try:
        return _actor(work, name, via="session", scopes=frozenset(Scope))
    except BadCredentialError:
        return None


def note_use(work: Work, token_id: str) -> None:
    """Record that a token was used now."""
    store.touch_token(work, token_id)


def _actor(work: Work, name: str, *, via: str, scopes: frozenset[Scope]) -> Actor:
    account = store.account(work, name)
    if account is None or account.is_disabled:
        raise BadCredentialError
    return Actor(
        name=name,
        is_admin=account.is_admin,
        teams=store.roles(work, name),
        reviews=store.reviewer_kinds(work, name),
        scopes=scopes,
        via=via,
    )
