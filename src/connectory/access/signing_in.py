"""Tokens, browser sessions and one-time links: making, recognising and ending them."""

import dataclasses
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from connectory.access import rules, session_store, store
from connectory.access.accounts import AccountMissingError
from connectory.access.credentials import fingerprint, looks_like_token, new_key, new_token
from connectory.access.rules import USUAL, Actor, BadCredentialError, Scope
from connectory.access.session_store import Session
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
    """A browser session was ended: by its owner, or with the token that began it."""


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
    """What a token should be good for. Without `scopes` it is for all that is `USUAL`."""

    account: str
    name: str
    days: int
    scopes: frozenset[Scope] = frozenset()
    namespace: str = ""
    made_by: str = ""  # the token that makes it, which it does not outlive
    minutes: int = 0  # that it lives, in place of days


@dataclass(frozen=True, slots=True)
class Device:
    """Where a session is begun: what the browser calls itself, and its address."""

    browser: str = ""
    address: str = ""


def create_token(work: Work, request: TokenRequest, *, most_days: int) -> NewToken:
    """Make an access token.

    Raises:
        AccountMissingError: If there is no such account.
        TokenLifeError: If the life asked for is not between one day and `most_days`.
        BadCredentialError: If the token that makes it was revoked meanwhile.
    """
    account = store.account(work, request.account)
    if account is None:
        raise AccountMissingError(request.account)
    if not 1 <= request.days <= most_days:
        raise TokenLifeError(request.days, most_days)
    usual = USUAL if account.is_admin else USUAL - {Scope.ADMIN}
    maker = _maker(work, request.made_by)
    value = new_token()
    life = timedelta(minutes=request.minutes) or timedelta(days=request.days)
    expires = work.now + life
    token = Token(
        id=new_id("tok"),
        account=request.account,
        name=request.name,
        scopes=(request.scopes & (usual | {Scope.BULK})) if request.scopes else usual,
        namespace=request.namespace,
        created_at=work.now,
        expires_at=min(expires, maker.expires_at) if maker else expires,
        last_used_at=None,
        revoked_at=None,
        made_by=request.made_by,
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
    """End a token of one's own, or any as an admin, and all that was made with it.

    Raises:
        TokenMissingError: If there is no such token, or it is somebody else's.
    """
    token = store.token(work, token_id)
    if token is None or (token.account != by.name and not by.is_admin):
        raise TokenMissingError(token_id)
    _end(work, token_id)


def _end(work: Work, token_id: str) -> None:
    ended = store.revoke_token(work, token_id)
    for one in ended:
        work.emit(TokenRevoked(subject=one.id, team="", account=one.account))
    for session in session_store.end_sessions_made_by(work, [one.id for one in ended]):
        work.emit(SignedOut(subject=session.account, team=""))


def revoke_team_token(work: Work, team: str, token_id: str) -> None:
    """End a token that publishes into a namespace of a team, whoever's it is.

    Raises:
        TokenMissingError: If there is no such token, or it is none of the team's.
    """
    token = store.token(work, token_id)
    if token is None or token.namespace not in store.namespaces_of(work, [team]):
        raise TokenMissingError(token_id)
    _end(work, token_id)


def supersede_token(work: Work, old: Token, new: NewToken) -> None:
    """End a token in favour of its successor, on which what it made depends from now on."""
    session_store.hand_over_sessions(work, old.id, new.token.id)
    if store.supersede_token(work, old.id, new.token.id):
        work.emit(TokenRevoked(subject=old.id, team="", account=old.account))


def create_link(work: Work, account: str) -> Secret:
    """Make a one-time sign-in link; returns its key, good for 15 minutes."""
    key = new_key()
    expires = work.now + timedelta(minutes=LINK_MINUTES)
    session_store.add_link(work, fingerprint(key), account, expires)
    return Secret(key)


def sign_in(work: Work, link_key: str, *, hours: int, device: Device = Device()) -> Secret:
    """Trade a sign-in link for a browser session; returns the session's key.

    Raises:
        SignInLinkError: If the link is unknown, used or expired.
    """
    name = session_store.take_link(work, fingerprint(link_key))
    if name is None:
        raise SignInLinkError
    return begin_session(work, name, hours=hours, device=device)


def sign_in_with_token(
    work: Work, value: str, *, hours: int, device: Device = Device()
) -> Secret:
    """Begin a browser session for whoever holds an access token; returns the session's key.

    A session may do all that its account may, so a token that was made for less is refused.
    It ends with the token.

    Raises:
        BadCredentialError: If the token is unknown, expired, revoked or its account disabled.
        ScopeError: If the token was made for less than the account may do.
    """
    actor = actor_of_token(work, value)
    for scope in USUAL:
        if scope is not Scope.ADMIN or actor.is_admin:
            rules.require_scope(actor, scope)
    return begin_session(work, actor.name, hours=hours, device=device, made_by=actor.via)


def begin_session(
    work: Work, account: str, *, hours: int, device: Device = Device(), made_by: str = ""
) -> Secret:
    """Begin a browser session of an account; returns the session's key."""
    maker = _maker(work, made_by)
    expires = work.now + timedelta(hours=hours)
    new = Session(
        id=new_id("ses"),
        account=account,
        created_at=work.now,
        expires_at=min(expires, maker.expires_at) if maker else expires,
        browser=device.browser,
        address=device.address,
        made_by=made_by,
    )
    key = new_key()
    session_store.add_session(work, new, fingerprint(key))
    work.emit(SignedIn(subject=account, team=""))
    return Secret(key)


def end_session(work: Work, session_id: str) -> None:
    """End a browser session; without effect on an unknown one."""
    name = session_store.end_session(work, session_id)
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
    return _by_token(work, token)


def actor_of_session(work: Work, key: str) -> Actor | None:
    """Return who a browser session stands for; None when it ended."""
    found = session_store.session_by_fingerprint(work, fingerprint(key))
    try:
        return _by_session(work, found)
    except BadCredentialError:
        return None


def again(work: Work, actor: Actor) -> Actor:
    """Return the same actor with the rights of this moment.

    Raises:
        BadCredentialError: If the token or session ended, or the account is disabled.
    """
    if actor.session:
        return _by_session(work, session_store.session(work, actor.session))
    return _by_token(work, store.token(work, actor.via))


def note_use(work: Work, actor: Actor) -> None:
    """Record that a token or session was used now."""
    if actor.session:
        session_store.touch_session(work, actor.session)
    else:
        store.touch_token(work, actor.via)


def _by_token(work: Work, token: Token | None) -> Actor:
    if token is None or token.revoked_at is not None or token.expires_at <= work.now:
        raise BadCredentialError
    actor = _actor(work, token.account, via=token.id, scopes=token.scopes)
    return dataclasses.replace(actor, namespace=token.namespace, root=token.id)


def _by_session(work: Work, found: Session | None) -> Actor:
    if found is None:
        raise BadCredentialError
    actor = _actor(work, found.account, via="session", scopes=USUAL)
    return dataclasses.replace(actor, session=found.id, root=found.made_by)


def _maker(work: Work, token_id: str) -> Token | None:
    """Return the token that makes another credential, held so that it cannot end meanwhile."""
    if not token_id:
        return None
    maker = store.token(work, token_id, lock=True)
    if maker is None or maker.revoked_at is not None:
        raise BadCredentialError
    return maker


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
        preferences=account.preferences,
    )
