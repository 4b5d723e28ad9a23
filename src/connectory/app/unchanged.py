"""Answers that the caller has already: an ETag on every GET, 304 where it is the same, HEAD.

The tag is a digest of the bytes, made once they are complete; a route that knows a cheaper one
sets it itself. What is sent in pieces (streams, packages) has no tag, and so has what is larger
than `MOST`. Answers depend on who asks, so nobody but the caller may keep them, unless a route
says otherwise.
"""

import hashlib
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectory.access.streams import is_stream

MOST = 4_000_000  # bytes of an answer that is digested
OK, NOT_MODIFIED = 200, 304
PRIVATE = "private, no-cache"
WHO_ASKS = "Authorization, Cookie"
# The type stays: by it the headers of pages are told from those of others, and a browser gives
# what it has kept the headers of "not modified".
ABOUT_THE_BODY = ("content-length", "content-encoding")


@dataclass(frozen=True, slots=True)
class Unchanged:
    """ASGI middleware: GET with tags, and HEAD as a GET whose body is not sent."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_read = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
        if not is_read or is_stream(scope["path"]):
            await self.app(scope, receive, send)
            return
        seen = Headers(scope=scope).get("if-none-match", "")
        answer = _Answer(send, seen, is_head=scope["method"] == "HEAD")
        await self.app({**scope, "method": "GET"}, receive, answer.send)


@dataclass(slots=True)
class _Answer:
    """A `send` that holds the start of an answer back until it knows the whole body."""

    out: Send
    seen: str
    is_head: bool
    _start: Message = field(default_factory=dict)
    _is_over: bool = False  # the caller has it already; what is still sent of it is dropped

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if self._start:
            message = await self._begin(message)
        if self._is_over:
            return
        if not self.is_head:
            await self.out(message)
        elif not message.get("more_body", False):
            await self.out({"type": "http.response.body", "body": b""})

    async def _begin(self, message: Message) -> Message:
        """Send the start, and return what is left to send of the body's first piece."""
        start, self._start = self._start, {}
        headers = MutableHeaders(scope=start)
        if start["status"] == OK:
            self._describe(headers, message)
            if _is_among(headers.get("etag", ""), self.seen):
                start["status"] = NOT_MODIFIED
                for name in ABOUT_THE_BODY:
                    del headers[name]
                self._is_over = True
        await self.out(start)
        if self._is_over:
            await self.out({"type": "http.response.body", "body": b""})
        return message

    def _describe(self, headers: MutableHeaders, message: Message) -> None:
        headers.setdefault("Cache-Control", PRIVATE)
        if "public" not in headers["Cache-Control"]:
            headers.add_vary_header(WHO_ASKS)
        body: bytes = message.get("body", b"")
        is_whole = not message.get("more_body", False) and len(body) <= MOST
        if is_whole and "no-store" not in headers["Cache-Control"]:
            headers.setdefault("ETag", f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def _is_among(tag: str, seen: str) -> bool:
    """Whether the caller has what the tag stands for (RFC 9110, 13.1.2: weakly compared)."""
    if not tag or not seen:
        return False
    tags = {one.strip().removeprefix("W/") for one in seen.split(",")}
    return "*" in tags or tag.removeprefix("W/") in tags
