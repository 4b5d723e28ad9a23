"""Every JSON body is read strictly before a route sees it, so that no route can forget to."""

from dataclasses import dataclass
from email.message import Message as Mail

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectory.kernel import strict_json

SAFE = {"GET", "HEAD", "OPTIONS"}  # nobody reads the body of these
TAKEN_FOR_JSON = "/osv/"
"""Paths whose clients do not say what they send."""
PASSED_ON = "/hooks/"  # for connectors; the server does not read what it hands them


@dataclass(frozen=True, slots=True)
class StrictJson:
    """ASGI middleware: refuses JSON bodies that `strict_json` refuses. The gate bounds them."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if not _is_json(scope):
            await self.app(scope, receive, send)
            return
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:
            return  # what came is not all of the request, and nobody waits for an answer
        if body:
            strict_json.read(body)
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return waiting.pop() if waiting else await receive()

        await self.app(scope, again, send)


def _is_json(scope: Scope) -> bool:
    """Whether the framework would read the body as JSON."""
    if (
        scope["type"] != "http"
        or scope["method"] in SAFE
        or scope["path"].startswith(PASSED_ON)
    ):
        return False
    if scope["path"].startswith(TAKEN_FOR_JSON):
        return True
    said = Mail()
    said["content-type"] = Headers(scope=scope).get("content-type", "text/plain")
    kind = said.get_content_subtype()
    return said.get_content_maintype() == "application" and (
        kind == "json" or kind.endswith("+json")
    )
