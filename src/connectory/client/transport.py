"""One server over HTTP: sends, reads answers, turns refusals into errors."""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn, NotRequired, TypedDict, TypeVar, cast
from urllib.parse import quote

import httpx2  # noqa: TID251  one of its two homes

from connectory import __version__
from connectory.client import trace
from connectory.client.errors import (
    RedirectedError,
    ServerSilentError,
    ServerUnreachableError,
    UnexpectedAnswerError,
)
from connectory.client.refusals import refusal
from connectory.kernel.secret import Secret

API = "/api/v1"
TIMEOUT_S = 30.0
CONNECT_S = 5.0
QUIET_S = 30.0  # an event stream without a byte for so long is opened again
PAUSE_S = 1.0  # before a broken event stream is opened again
MOST_FAILURES = 5  # in a row, before an event stream is given up
DIRECT = ("all://127.0.0.1", "all://localhost", "all://[::1]")  # no proxy to this machine

ERRNO = re.compile(r"\A\[Errno -?[0-9]+\] ")

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


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream; `id` is where to go on after it."""

    id: str
    name: str
    data: str


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer as it came, whatever its status."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def media_type(self) -> str:
        """What the content is."""
        return self.headers.get("content-type", "")


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
        headers = {"User-Agent": f"connectory/{__version__}", "Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token.reveal()}"
        self._http = httpx2.Client(
            base_url=url,
            headers=headers,
            timeout=httpx2.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s)),
            mounts=dict.fromkeys(DIRECT),
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

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

    def tell_to(
        self, method: str, path: str, *, body: object = None, if_match: str = ""
    ) -> None:
        """Send JSON where nothing comes back."""
        self._request(method, path, body, None, if_match)

    def upload(
        self, shape: type[Shape], path: str, parts: Mapping[str, Part], **query: Value
    ) -> Shape:
        """Send files as one multipart form."""
        request = self._http.build_request(
            "POST", API + path, files=dict(parts), params=_given(query)
        )
        sizes = ", ".join(f"{name}: {len(part[1]):,} bytes" for name, part in parts.items())
        return self._shaped(shape, self._json(self._exchange(request, f"({sizes})")))

    def lines(
        self, shape: type[Shape], path: str, bodies: Sequence[Mapping[str, object]]
    ) -> list[Shape]:
        """Send one line of JSON for each body; return the lines that come back."""
        content = "".join(f"{json.dumps(body)}\n" for body in bodies).encode()
        headers = {"Content-Type": "application/x-ndjson"}
        request = self._http.build_request("POST", API + path, content=content, headers=headers)
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
        headers = {"Content-Type": media_type} if content is not None else {}
        request = self._http.build_request(method, path, content=content, headers=headers)
        answer = self._sent(request, None if content is None else f"({len(content):,} bytes)")
        return RawAnswer(answer.status_code, answer.headers, answer.content)

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
                        yield Event(event.id, event.event, event.data)
                        if until is not None and time.monotonic() > until:
                            return
            except httpx2.ReadTimeout:
                continue  # nothing happened for a while; not a failure
            except httpx2.TransportError as failure:
                failures += 1
                if failures == MOST_FAILURES:
                    raise ServerUnreachableError(self.url, _reason(failure)) from None
            time.sleep(PAUSE_S)

    @contextmanager
    def _opened(
        self, path: str, after: str, until: float | None
    ) -> Iterator[httpx2.EventSource]:
        left = QUIET_S if until is None else min(QUIET_S, max(until - time.monotonic(), 0.1))
        with self._http.sse(
            API + path,
            headers={"Last-Event-ID": after} if after else {},
            timeout=httpx2.Timeout(left, connect=CONNECT_S),
        ) as source:
            answer = source.response
            self._say(
                trace.request_lines("GET", str(answer.url), None, signed_in=self._signed_in)
            )
            if not answer.is_success:
                answer.read()
                raise self._refused(answer)
            self._say(trace.answer_lines(_status(answer), answer.headers, b""))
            yield source

    def _request(
        self,
        method: str,
        path: str,
        body: object,
        query: Mapping[str, Value] | None,
        if_match: str,
    ) -> httpx2.Response:
        headers = {"If-Match": if_match} if if_match else {}
        request = self._http.build_request(
            method, API + path, json=body, params=_given(query or {}), headers=headers
        )
        return self._exchange(request, body)

    def _exchange(self, request: httpx2.Request, body: object) -> httpx2.Response:
        answer = self._sent(request, body)
        if not answer.is_success:
            raise self._refused(answer)
        return answer

    def _sent(self, request: httpx2.Request, body: object) -> httpx2.Response:
        if self._hold_back is not None and request.method != "GET":
            self._hold_back(request.method, request.url.path, trace.masked(body))
        url = str(request.url)
        self._say(trace.request_lines(request.method, url, body, signed_in=self._signed_in))
        try:
            answer = self._http.send(request)
        except httpx2.ConnectTimeout:
            raise ServerUnreachableError(self.url, "nobody answers the connection") from None
        except httpx2.TimeoutException:
            raise ServerSilentError(self.url, self._timeout_s) from None
        except httpx2.RequestError as failure:
            raise ServerUnreachableError(self.url, _reason(failure)) from None
        self._say(trace.answer_lines(_status(answer), answer.headers, answer.content))
        return answer

    def _refused(self, answer: httpx2.Response) -> Exception:
        if answer.is_redirect:
            return RedirectedError(self.url, answer.headers["location"])
        return refusal(self.url, answer.status_code, answer.content)

    def _json(self, answer: httpx2.Response) -> object:
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

    def _say(self, lines: Sequence[str]) -> None:
        if self._tell is not None:
            for line in lines:
                self._tell(line)


def _given(query: Mapping[str, Value]) -> dict[str, str | list[str]]:
    return {
        name: list(value) if isinstance(value, tuple) else str(value)
        for name, value in query.items()
        if value is not None and value != ()
    }


def _status(answer: httpx2.Response) -> str:
    return f"{answer.status_code} {answer.reason_phrase}"


def _reason(failure: httpx2.RequestError) -> str:
    text = ERRNO.sub("", str(failure)) or type(failure).__name__
    return text[:1].lower() + text[1:]
