"""`Idempotency-Key`: a request that is sent again is answered again, and not done again.

A key belongs to one account, method and address for a day. The first request with it runs; its
answer is kept before it is sent. What is not kept: answers 5xx (nothing was changed, so the
request may be tried again under its key) and answers with a secret (there is no copy of one, so
a repetition is refused). Bodies are kept as keyed fingerprints, because they may hold secrets.

Multipart bodies, which are the publications, need no key: a version is published once, and
publishing the same bytes again answers with what is there. The key is accepted and ignored, so
that a large upload is neither held in memory nor compared by the boundaries that a client draws
anew for each try.
"""

import hashlib
import hmac
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import ClassVar

from anyio import to_thread
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectory.access.gate import BodyTooLargeError
from connectory.access.rules import Actor
from connectory.app import store
from connectory.app.store import Answer, Claim, Earlier
from connectory.kernel.digest import canonical_json
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.ids import new_id
from connectory.work import Works

LOG = logging.getLogger("connectory.http")
HEADER = "idempotency-key"
METHODS = {"POST", "PUT", "PATCH", "DELETE"}
MOST_KEY = 200  # characters
MOST_BODY = 1_000_000  # bytes of a request with a key
MOST_ANSWER = 262_144  # bytes of an answer that is kept
KEPT_HEADERS = ("content-type", "location", "etag")
PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
RETRY_S = 1


class IdempotencyKeyError(ConnectoryError):
    """An `Idempotency-Key` is empty, too long, or has characters that are not visible ASCII."""

    kind: ClassVar[Kind] = Kind.MALFORMED
    code: ClassVar[str] = "idempotency-key"

    def __init__(self) -> None:
        super().__init__(
            "the `Idempotency-Key` cannot be read",
            hint=f"send 1 to {MOST_KEY} visible ASCII characters, such as a fresh UUID",
            field="Idempotency-Key",
        )


class IdempotencyMismatchError(ConnectoryError):
    """An `Idempotency-Key` was used before, for another body or by a token for other things."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "idempotency-mismatch"

    def __init__(self) -> None:
        super().__init__(
            "this `Idempotency-Key` was used for another request",
            hint="use a new key for each request; repeat a request with its own body and token",
            field="Idempotency-Key",
        )


class IdempotencyRunningError(ConnectoryError):
    """The first request with this `Idempotency-Key` is still being answered."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "idempotency-running"

    def __init__(self) -> None:
        super().__init__(
            "the first request with this `Idempotency-Key` is still being answered",
            hint=f"send it again after {RETRY_S} s; its answer will be the same",
            retry_after_s=RETRY_S,
        )


class IdempotencySecretError(ConnectoryError):
    """The request was done, and its answer was not kept: it held a secret, or was too long."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "idempotency-secret"

    def __init__(self) -> None:
        super().__init__(
            "the request with this `Idempotency-Key` was done, and its answer was not kept",
            hint="look what it made; revoke a token whose value is lost, and use a new key",
        )


@dataclass(frozen=True, slots=True)
class Repeats:
    """ASGI middleware behind the gate, which says who asks.

    `secret` is for fingerprints of bodies. `is_secret` says of a path whether its answers hold
    secrets.
    """

    app: ASGIApp
    works: Works
    secret: bytes
    is_secret: Callable[[str], bool]
    server: str = field(default_factory=lambda: new_id("srv"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or repeat the answer to it."""
        key = _key(scope)
        if key is None:
            await self.app(scope, receive, send)
            return
        body = await _whole(receive)
        if body is None:  # the sender went away, so this is not all of the request
            return
        asked = self._claim_of(scope, key, body)
        earlier = await to_thread.run_sync(self._claim, asked)
        if earlier is not None:
            await _again(asked, earlier)(scope, receive, send)
            return
        heard = _Heard()
        try:
            await self.app(scope, _replayed(body, receive), heard.send)
        finally:
            await to_thread.run_sync(self._settle, asked, heard, self.is_secret(scope["path"]))
            for message in heard.messages:
                await send(message)

    def _claim_of(self, scope: Scope, key: str, body: bytes) -> Claim:
        """Name a request by fingerprints; what the caller may do is part of what was sent."""
        actor: Actor = scope["state"]["actor"]
        address = [scope["path"], scope["query_string"].decode("latin-1")]
        used_as = [sorted(actor.scopes), actor.namespace, _content_type(scope)]
        return Claim(
            id=self._fingerprint([actor.name, scope["method"], *address, key], b""),
            digest=self._fingerprint(used_as, body),
            server=self.server,
        )

    def _fingerprint(self, facts: Sequence[object], body: bytes) -> str:
        content = canonical_json(["idempotency", *facts]).encode() + b"\n" + body
        return hmac.new(self.secret, content, hashlib.sha256).hexdigest()

    def _claim(self, asked: Claim) -> Earlier | None:
        with self.works.write() as work:
            return store.claim(work, asked)

    def _settle(self, asked: Claim, heard: "_Heard", has_secret: bool) -> None:  # noqa: FBT001
        """Keep the answer, or give the key back.

        When that fails, the request was still done: its answer is sent, and repetitions are
        told that it runs until the key is free again.
        """
        try:
            with self.works.write() as work:
                if heard.is_final:
                    store.keep(work, asked, heard.answer(has_secret=has_secret))
                else:
                    store.release(work, asked)
        except (OperationalError, PoolTimeoutError) as failure:
            LOG.warning("an answer to a request with a key was not kept: %s", failure)


@dataclass(slots=True)
class _Heard:
    """What the application answered, held back until it is kept."""

    messages: list[Message] = field(default_factory=list)

    async def send(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def is_final(self) -> bool:
        """Whether the same request would be answered the same again."""
        if not self.messages:
            return False
        status: int = self.messages[0]["status"]
        return status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in PASSING

    def answer(self, *, has_secret: bool) -> Answer:
        """Return what is kept of it."""
        start, *rest = self.messages
        headers = Headers(raw=start["headers"])
        body = b"".join(message.get("body", b"") for message in rest)
        is_kept = not has_secret and len(body) <= MOST_ANSWER
        return Answer(
            status=start["status"],
            headers={name: headers[name] for name in KEPT_HEADERS if name in headers},
            body=body if is_kept else None,
        )


def _key(scope: Scope) -> str | None:
    """Return the key of a request; None when it has none, or needs none.

    Raises:
        IdempotencyKeyError: If it cannot be one.
    """
    if scope["type"] != "http" or scope["method"] not in METHODS:
        return None
    key = Headers(scope=scope).get(HEADER)
    is_upload = _content_type(scope).startswith("multipart/")
    if key is None or is_upload or not scope["path"].startswith("/api/"):
        return None
    if not 0 < len(key) <= MOST_KEY or not all("!" <= letter <= "~" for letter in key):
        raise IdempotencyKeyError
    return key


def _content_type(scope: Scope) -> str:
    return Headers(scope=scope).get("content-type", "").lower()


async def _whole(receive: Receive) -> bytes | None:
    """Return the whole body; None when its sender went away.

    Raises:
        BodyTooLargeError: If it is more than a request with a key may have.
    """
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > MOST_BODY:
            raise BodyTooLargeError(MOST_BODY)
        if not message.get("more_body", False):
            return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed


def _again(asked: Claim, earlier: Earlier) -> Response:
    """Return the answer that a request got before.

    Raises:
        IdempotencyMismatchError, IdempotencyRunningError, IdempotencySecretError: If there is
            none for it.
    """
    if not hmac.compare_digest(earlier.digest, asked.digest):
        raise IdempotencyMismatchError
    if earlier.answer is None:
        raise IdempotencyRunningError
    if earlier.answer.body is None:
        raise IdempotencySecretError
    headers: Mapping[str, str] = {**earlier.answer.headers, "Idempotency-Replayed": "true"}
    return Response(earlier.answer.body, earlier.answer.status, headers)
