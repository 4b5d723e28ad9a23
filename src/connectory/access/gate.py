"""The gate in front of every route: who is it, from where, and how much may they send.

It runs before the framework reads a byte of the body, so that an upload without a valid
credential is refused for the price of its headers. It answers by raising; the frame around it
turns that into a problem document.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import ClassVar, Protocol
from urllib.parse import urlsplit

import anyio
from anyio import to_thread
from sqlalchemy.exc import OperationalError
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectory.access import signing_in
from connectory.access.known import Known
from connectory.access.limits import Limits
from connectory.access.rules import ANONYMOUS, Actor, BadCredentialError, NotSignedInError
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.work import Origin, Works

LOG = logging.getLogger("connectory.access")
SAFE = {"GET", "HEAD", "OPTIONS"}
COOKIE = "connectory_session"
IDLE_S = 30.0  # without a byte of a body that is not complete
NOTE_SECONDS = 60  # `last used` is kept to the minute, so that reads cause few writes


class CrossSiteError(ConnectoryError):
    """A page of another site tried to sign in or to change something with this browser."""

    kind: ClassVar[Kind] = Kind.NOT_ALLOWED
    code: ClassVar[str] = "cross-site"

    def __init__(self) -> None:
        super().__init__(
            "a page of another site made this browser send the request",
            hint="open the page of this marketplace and repeat the action there",
        )


class BodyTooLargeError(ConnectoryError):
    """More was sent than this address accepts."""

    kind: ClassVar[Kind] = Kind.TOO_LARGE
    code: ClassVar[str] = "body-too-large"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"the body is larger than {limit:,} bytes",
            hint="send less; for packages the operator can raise `CONNECTORY_MAX_UPLOAD_MB`",
        )


class BodyTimedOutError(ConnectoryError):
    """The sender of a body stopped before its end."""

    kind: ClassVar[Kind] = Kind.TIMED_OUT
    code: ClassVar[str] = "body-timed-out"

    def __init__(self, idle_s: float) -> None:
        super().__init__(
            f"no more of the body came for {idle_s:g} s",
            hint="send the request again, all of it; nothing was changed",
        )


class AddressUnreadableError(ConnectoryError):
    """The address of a request has a NUL character, which nothing here has in its name."""

    kind: ClassVar[Kind] = Kind.MALFORMED
    code: ClassVar[str] = "address-unreadable"

    def __init__(self) -> None:
        super().__init__(
            "the address has a NUL character", hint="remove `%00` from path and query"
        )


class Renew(Protocol):
    """Gives an actor the rights of this moment where others decide about them."""

    def __call__(self, actor: Actor, *, is_change: bool) -> Actor:
        """Return the actor; before a change what was heard a moment ago does not count."""
        ...


@dataclass(slots=True)
class Gate:
    """ASGI middleware that authenticates, counts, refuses cross-site changes, bounds bodies.

    Afterwards `scope["state"]["actor"]` holds the actor. `body_limit` gives the bytes that a
    path accepts; `is_open` says whether a path takes bodies from anybody (hooks, sign-in);
    `renew` gives an actor the rights of this moment where others decide about them.
    """

    app: ASGIApp
    works: Works
    body_limit: Callable[[str], int]
    is_open: Callable[[str], bool]
    limits: Limits
    renew: Renew
    idle_s: float = IDLE_S
    _noted: dict[str, float] = field(default_factory=dict)
    _known: Known = field(init=False)

    def __post_init__(self) -> None:
        self._known = Known(self.works)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or raise a ConnectoryError."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            raise AddressUnreadableError
        headers = Headers(scope=scope)
        actor = await self._authenticated(scope, headers)
        self.limits.admit(scope, actor)
        if scope["method"] not in SAFE:
            self._check_change(scope, headers, actor)
            _check_length(headers, self.body_limit(scope["path"]))
            receive = self._bounded(receive, self.body_limit(scope["path"]))
        scope.setdefault("state", {})["actor"] = actor
        with self.limits.streaming(scope, actor):
            await self.app(scope, receive, send)

    async def _authenticated(self, scope: Scope, headers: Headers) -> Actor:
        sent = f"{headers.get('authorization', '')}\n{headers.get('cookie', '')}"
        if sent == "\n":
            return ANONYMOUS
        mark = self.works.latest.mark
        actor = self._known.find(sent)
        if actor is not None:
            return actor
        try:
            is_change = scope["method"] not in SAFE
            actor = await to_thread.run_sync(self._renewed, headers, is_change)
        except BadCredentialError:
            self.limits.note_wrong(scope)
            raise
        if not actor.is_federated:
            self._known.keep(sent, actor, mark)
        return actor

    def _renewed(self, headers: Headers, is_change: bool) -> Actor:  # noqa: FBT001  run in a thread
        actor = self._actor(headers)
        return actor if actor.is_anonymous else self.renew(actor, is_change=is_change)

    def _actor(self, headers: Headers) -> Actor:
        kind, _, value = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and value:
            return self._of_token(value.strip())
        if kind:
            raise BadCredentialError
        key = session_key(headers)
        if not key:
            return ANONYMOUS
        with self.works.read() as work:
            actor = signing_in.actor_of_session(work, key)
        return self._noting(actor, actor.session) if actor else ANONYMOUS

    def _of_token(self, value: str) -> Actor:
        with self.works.read() as work:
            actor = signing_in.actor_of_token(work, value)
        return self._noting(actor, actor.via)

    def _noting(self, actor: Actor, credential: str) -> Actor:
        if time.monotonic() - self._noted.get(credential, -NOTE_SECONDS) >= NOTE_SECONDS:
            self._noted[credential] = time.monotonic()
            self._note_use(actor)
        return actor

    def _note_use(self, actor: Actor) -> None:
        """Record the use of a credential; on a full disk reading must go on without it."""
        try:
            with self.works.write(Origin(actor.name, actor.via)) as work:
                signing_in.note_use(work, actor)
        except OperationalError as failure:
            LOG.warning("the use of %s was not noted: %s", actor.via, failure)

    def _check_change(self, scope: Scope, headers: Headers, actor: Actor) -> None:
        if self.is_open(scope["path"]):
            if _is_of_browser(headers) and not _is_same_site(headers):
                raise CrossSiteError  # nobody is to be signed in as somebody else
            return
        if actor.is_anonymous:
            raise NotSignedInError
        if actor.via == "session" and not _is_same_site(headers):
            raise CrossSiteError

    def _bounded(self, receive: Receive, limit: int) -> Receive:
        """Return a `receive` that refuses more than `limit` bytes, and a body that stops."""
        seen, is_whole = 0, False

        async def bounded() -> Message:
            nonlocal seen, is_whole
            if is_whole:  # what is waited for now is the end of the connection
                return await receive()
            try:
                with anyio.fail_after(self.idle_s):
                    message = await receive()
            except TimeoutError:
                raise BodyTimedOutError(self.idle_s) from None
            seen += len(message.get("body", b""))
            if seen > limit:
                raise BodyTooLargeError(limit)
            is_whole = not message.get("more_body", False)
            return message

        return bounded


def session_key(headers: Headers) -> str:
    """Return the session key that a browser sent, `""` when there is none."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _is_of_browser(headers: Headers) -> bool:
    return "sec-fetch-site" in headers or "origin" in headers


def _is_same_site(headers: Headers) -> bool:
    """Whether the browser says that one of our own pages sent this. Silence means no."""
    fetched = headers.get("sec-fetch-site")
    if fetched is not None:
        return fetched == "same-origin"
    origin = headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc == headers.get("host")


def _check_length(headers: Headers, limit: int) -> None:
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit:
        raise BodyTooLargeError(limit)
