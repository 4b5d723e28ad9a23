"""The layer around all routes: request ids, Host check, security headers, access log."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectory.app.measured import Requests
from connectory.app.problems import answer, storage_trouble
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.ids import new_id

LOG = logging.getLogger("connectory.access")
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
NO_PAGE = f"{POLICY}; sandbox"
"""For what is opened as a page and is none: downloads, data, other people's Markdown."""
HEADERS = {
    "Content-Security-Policy": NO_PAGE,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}


class HostNotAllowedError(ConnectoryError):
    """The request names a host that this server does not answer for (DNS rebinding)."""

    kind: ClassVar[Kind] = Kind.MISDIRECTED
    code: ClassVar[str] = "host-not-allowed"

    def __init__(self, host: str) -> None:
        super().__init__(
            f"this server does not answer for the host `{host[:100]}`",
            hint="the operator can add it to `CONNECTORY_ALLOWED_HOSTS`",
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """ASGI middleware around gate and routes. `hosts` are names without port, lower case."""

    app: ASGIApp
    hosts: frozenset[str]
    requests: Requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.monotonic()
        request_id = new_id("req")
        scope.setdefault("state", {})["request_id"] = request_id
        seen = _Seen(send, scope["state"])
        try:
            await self._serve(scope, receive, seen)
        finally:
            took_s = time.monotonic() - began
            self.requests.note(scope, seen.status, took_s)
            LOG.info(
                "%s %s %s",
                scope["method"],
                scope["path"],
                seen.status,
                extra={
                    "request": request_id,
                    "address": (scope.get("client") or ("", 0))[0],
                    "ms": round(took_s * 1000, 1),
                },
            )

    async def _serve(self, scope: Scope, receive: Receive, seen: "_Seen") -> None:
        try:
            self._check_host(scope)
            await self.app(scope, receive, seen.send)
        except ConnectoryError as refused:
            await seen.refuse(refused, scope, receive)
        except (OperationalError, PoolTimeoutError) as failure:
            await seen.refuse(storage_trouble(failure), scope, receive)

    def _check_host(self, scope: Scope) -> None:
        host = Headers(scope=scope).get("host", "")
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if name.lower() not in self.hosts:
            raise HostNotAllowedError(host)


class _Seen:
    """A `send` that adds our headers and remembers the status it sent.

    `state` is the request's: its id, and what the gate says of the caller's limit.
    """

    def __init__(self, send: Send, state: Mapping[str, Any]) -> None:
        self.status = 0
        self._send = send
        self._state = state

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self._state["request_id"]
            if headers.get("content-type", "").startswith("text/html"):
                headers["Content-Security-Policy"] = POLICY
            for name, value in {**HEADERS, **self._state.get("limit", {})}.items():
                headers.setdefault(name, value)
        await self._send(message)

    async def refuse(self, error: ConnectoryError, scope: Scope, receive: Receive) -> None:
        """Answer with a failure; once an answer has begun it can only be broken off."""
        if self.status:
            raise error
        await answer(error, scope)(scope, receive, self.send)


def accepted_hosts(url: str, configured: str) -> frozenset[str]:
    """Return the host names to answer for: loopback, the base URL's, and the configured."""
    named = {name.strip().lower() for name in configured.split(",")}
    own = urlsplit(url).hostname or ""
    return frozenset((LOOPBACK | named | {f"[{own}]" if ":" in own else own}) - {""})
