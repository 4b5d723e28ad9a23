"""One server over HTTP: sends, reads answers, turns refusals into errors."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NoReturn, NotRequired, TypedDict, TypeVar, cast
from urllib.parse import quote, unquote, urlencode
from uuid import uuid4

from connectory import __version__
from connectory.client import trace
from connectory.client.errors import (
    RedirectedError,
    ServerSilentError,
    ServerUnreachableError,
    UnexpectedAnswerError,
)
from connectory.client.event_stream import Event, events_in
from connectory.client.refusals import refusal
from connectory.client.wire import RawAnswer, Request, Wire, answer_of
from connectory.kernel.secret import Secret

API = "/api/v1"
TIMEOUT_S = 30.0
QUIET_S = 30.0  # an event stream without a byte for so long is opened again
PAUSE_S = 1.0  # before a broken event stream is opened again
MOST_FAILURES = 5  # in a row, before an event stream is given up
MOVED = frozenset({301, 302, 303, 307, 308})
AS_GIVEN = "/%?&=+:@,;~!$'()*"  # in a path that a person wrote

Shape = TypeVar("Shape")
Value = str | int | bool | tuple[str, ...] | None
"""What a query field is given: one value, several of them, or none."""
HoldBack = Callable[[str, str, object], NoReturn]
Part = tuple[str, bytes, str]
"""A file of an upload: its name, its content, its media type."""


class Page(TypedDict):
    """A part of a list; `next` is missing or None at its end."""

    items: list[object]
    next: NotRequired[str | int | None]


def path_of(*parts: str) -> str:
    """Join names to a path below the API, each quoted whole."""
    return "/" + "/".join(quote(part, safe=":") for part in parts)


class Transport:
    """Calls one server with one token. Follows no redirect, so the token goes nowhere else.

    Args:
        url: Address of the server, as `credentials.normal_url` writes it.
        token: Access token; None reads what anybody may.
        timeout_s: Seconds to wait for an answer.
        tell: Is given the HTTP exchange line by line, secrets masked.
        hold_back: Is given each change (method, path, masked body) in place of the server.
    """

    def __init__(
        self,
        url: str,
        token: Secret | None = None,
        *,
        timeout_s: float = TIMEOUT_S,
        tell: Callable[[str], None] | None = None,
        hold_back: HoldBack | None = None,
    ) -> None:
        self.url = url
        self._hold_back = hold_back
        self._signed_in = token is not None
        self._tell = tell
        self._timeout_s = timeout_s
        self._headers = {
            "User-Agent": f"connectory/{__version__}",
            "Accept": "application/json",
        }
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token.reveal()}"
        self._wire = Wire(url)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def get(self, shape: type[Shape], path: str, **query: Value) -> Shape:
        """Read one JSON object of the API; query values that are None are left out."""
        return self.send(shape, "GET", path, query=query)

    def pages(
        self, shape: type[Shape], path: str, *, continues: str = "cursor", **query: Value
    ) -> Iterator[Shape]:
        """Read a list page by page; `continues` is the query field that `next` goes into."""
        while True:
            page = self.send(Page, "GET", path, query=query)
            for item in page["items"]:
                yield self._shaped(shape, item)
            if page.get("next") is None:
                return
            query[continues] = str(page["next"])

    def send(
        self,
        shape: type[Shape],
        method: str,
        path: str,
        *,
        body: object = None,
        query: Mapping[str, Value] | None = None,
        if_match: str = "",
    ) -> Shape:
        """Send JSON and read the JSON object that comes back.

        `if_match` is the tag of what the change is made to: it is refused if that has changed.

        Raises:
            RefusedError: If the server says no.
            ServerUnreachableError: If nobody answers.
            ServerSilentError: If the answer takes too long.
            RedirectedError: If the server points elsewhere.
            UnexpectedAnswerError: If the answer is not of this shape.
        """
        answer = self._request(method, path, body, query, if_match)
        return self._shaped(shape, self._json(answer))

    def content(self, path: str) -> bytes:
        """Read the bytes of a file."""
        return self._request("GET", path, None, None, "").content

    def tell_to(
        self, method: str, path: str, *, body: object = None, if_match: str = ""
    ) -> None:
        """Send JSON where nothing comes back."""
        self._request(method, path, body, None, if_match)

    def upload(
        self, shape: type[Shape], path: str, parts: Mapping[str, Part], **query: Value
    ) -> Shape:
        """Send files as one multipart form."""
        content, media_type = _form(parts)
        request = self._prepared("POST", API + path + _asked(query), content, media_type)
        sizes = ", ".join(f"{name}: {len(part[1]):,} bytes" for name, part in parts.items())
        return self._shaped(shape, self._json(self._exchange(request, f"({sizes})")))

    def packed(self, shape: type[Shape], path: str, content: bytes) -> Shape:
        """Send a `.tar.gz`."""
        request = self._prepared("POST", API + path, content, "application/gzip")
        answer = self._exchange(request, f"({len(content):,} bytes)")
        return self._shaped(shape, self._json(answer))

    def lines(
        self, shape: type[Shape], path: str, bodies: Sequence[Mapping[str, object]]
    ) -> list[Shape]:
        """Send one line of JSON for each body; return the lines that come back."""
        content = "".join(f"{json.dumps(body)}\n" for body in bodies).encode()
        request = self._prepared("POST", API + path, content, "application/x-ndjson")
        answer = self._exchange(request, f"({len(bodies)} lines, {len(content):,} bytes)")
        try:
            found = [json.loads(line) for line in answer.content.splitlines()]
        except ValueError:
            raise UnexpectedAnswerError(self.url, "it is not JSON") from None
        if len(found) != len(bodies):
            raise UnexpectedAnswerError(self.url, f"it has {len(found)} lines")
        return [self._shaped(shape, one) for one in found]

    def raw(
        self, method: str, path: str, content: bytes | None = None, media_type: str = ""
    ) -> RawAnswer:
        """Send bytes to any path of the server and return the answer, refusal or not."""
        request = self._prepared(method, quote(path, safe=AS_GIVEN), content, media_type)
        return self._sent(request, None if content is None else f"({len(content):,} bytes)")

    def events(
        self, path: str, *, after: str = "", timeout_s: float | None = None
    ) -> Iterator[Event]:
        """Follow an event stream, opening it again after a break where it was left.

        Ends when `timeout_s` is over; without it, only when the reader stops.

        Raises:
            RefusedError: If the server says no.
            ServerUnreachableError: If the stream cannot be opened several times in a row.
        """
        until = None if timeout_s is None else time.monotonic() + timeout_s
        failures = 0
        while until is None or time.monotonic() < until:
            try:
                with self._opened(path, after, until) as source:
                    failures = 0
                    for event in source:
                        after = event.id or after
                        yield event
                        if until is not None and time.monotonic() > until:
                            return
            except ServerSilentError:
                continue  # nothing happened for a while; not a failure
            except ServerUnreachableError:
                failures += 1
                if failures == MOST_FAILURES:
                    raise
            time.sleep(PAUSE_S)

    @contextmanager
    def _opened(self, path: str, after: str, until: float | None) -> Iterator[Iterator[Event]]:
        left = QUIET_S if until is None else min(QUIET_S, max(until - time.monotonic(), 0.1))
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
        request = Request("GET", API + path, self._headers | headers)
        self._say_request(request, None)
        with self._wire.stream(request, left) as response:
            answer = answer_of(response, b"")
            if not answer.is_success:
                raise self._refused(answer_of(response, response.read()))
            self._say(trace.answer_lines(_status(answer), answer.headers, b""))
            yield events_in(response)

    def _request(
        self,
        method: str,
        path: str,
        body: object,
        query: Mapping[str, Value] | None,
        if_match: str,
    ) -> RawAnswer:
        content = None if body is None else json.dumps(body).encode()
        media_type = "" if body is None else "application/json"
        target = API + path + _asked(query or {})
        request = self._prepared(method, target, content, media_type, if_match)
        return self._exchange(request, body)

    def _prepared(
        self,
        method: str,
        target: str,
        content: bytes | None,
        media_type: str,
        if_match: str = "",
    ) -> Request:
        more = {"Content-Type": media_type, "If-Match": if_match}
        headers = self._headers | {name: value for name, value in more.items() if value}
        return Request(method, target, headers, content)

    def _exchange(self, request: Request, body: object) -> RawAnswer:
        answer = self._sent(request, body)
        if not answer.is_success:
            raise self._refused(answer)
        return answer

    def _sent(self, request: Request, body: object) -> RawAnswer:
        if self._hold_back is not None and request.method != "GET":
            path = unquote(request.target.partition("?")[0])
            self._hold_back(request.method, path, trace.masked(body))
        self._say_request(request, body)
        answer = self._wire.exchange(request, self._timeout_s)
        self._say(trace.answer_lines(_status(answer), answer.headers, answer.content))
        return answer

    def _refused(self, answer: RawAnswer) -> Exception:
        if answer.status in MOVED and "location" in answer.headers:
            return RedirectedError(self.url, answer.headers["location"])
        return refusal(self.url, answer.status, answer.content)

    def _json(self, answer: RawAnswer) -> object:
        try:
            return json.loads(answer.content)
        except ValueError:
            raise UnexpectedAnswerError(self.url, "it is not JSON") from None

    def _shaped(self, shape: type[Shape], value: object) -> Shape:
        """Check the outermost names, so that a wrong server is told from a defect here."""
        wanted: frozenset[str] = getattr(shape, "__required_keys__", frozenset())
        if not isinstance(value, dict):
            raise UnexpectedAnswerError(self.url, "it is not a JSON object")
        if missing := sorted(wanted - value.keys()):
            raise UnexpectedAnswerError(self.url, f"it lacks {', '.join(missing)}")
        return cast(Shape, value)

    def _say_request(self, request: Request, body: object) -> None:
        url = self.url + request.target
        self._say(trace.request_lines(request.method, url, body, signed_in=self._signed_in))

    def _say(self, lines: Sequence[str]) -> None:
        if self._tell is not None:
            for line in lines:
                self._tell(line)


def _asked(query: Mapping[str, Value]) -> str:
    """Return a query with its question mark; fields without a value are left out."""
    given = {name: value for name, value in query.items() if value is not None and value != ()}
    return f"?{urlencode(given, doseq=True)}" if given else ""


def _form(parts: Mapping[str, Part]) -> tuple[bytes, str]:
    """Return a multipart form and its media type."""
    border = uuid4().hex
    body = bytearray()
    for name, (file, content, media_type) in parts.items():
        of = f'Content-Disposition: form-data; name="{name}"; filename="{quote(file)}"'
        body += f"--{border}\r\n{of}\r\nContent-Type: {media_type}\r\n\r\n".encode()
        body += content + b"\r\n"
    body += f"--{border}--\r\n".encode()
    return bytes(body), f"multipart/form-data; boundary={border}"


def _status(answer: RawAnswer) -> str:
    return f"{answer.status} {answer.reason}"
