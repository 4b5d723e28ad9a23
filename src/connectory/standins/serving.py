"""The HTTP edge of every stand-in, and the switches with which a test steers it.

    GET /_received      what was accepted, oldest first
    DELETE /_received   forget it
    POST /_fail         {"status": 429, "times": 3}: make the next answers of the API fail;
                        optional: "error" (the vendor's code), "retry_after" (seconds)

A vendor may have switches of its own; one at which others subscribe answers
`GET /_subscriptions` with their addresses, so that a rehearsal sees what is left there.

Stand-ins listen on loopback only, and refuse browsers: a page in a browser on the same machine
could otherwise send requests to them.
"""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

LOOPBACK = "127.0.0.1"
NAMES = frozenset({LOOPBACK, "localhost"})
BODY_LIMIT = 1_048_576  # bytes
IDLE_S = 30.0
FIRST_FAILURE = 400
LAST_FAILURE = 599
CONTROL = "/_"


@dataclass(frozen=True, slots=True)
class Call:
    """One request. Header names are lower case; `query` holds the last value of each name."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def object(self) -> dict[str, object]:
        """Return the JSON object in the body.

        Raises:
            ValueError: If the body is not a JSON object in UTF-8.
        """
        try:
            content = json.loads(self.body)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        if not isinstance(content, dict):
            raise ValueError("not a JSON object")  # noqa: TRY004  one kind for one trouble
        return content

    def bearer(self) -> str:
        """Return the bearer token; empty when there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON answer; None is an answer without a body."""

    status: int
    content: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Vendor(Protocol):
    """What a stand-in plays. Safe to use from several threads."""

    def answer(self, call: Call) -> Answer:
        """Answer a request to the vendor's API, or to a switch of this vendor only."""
        ...

    def failure(self, status: int, error: str, retry_after: int) -> Answer:
        """Return a failure in the vendor's form; an empty `error` is the usual code for it."""
        ...

    def received(self) -> list[dict[str, object]]:
        """Return what was accepted, oldest first."""
        ...

    def forget(self) -> None:
        """Forget what was accepted."""
        ...

    def close(self) -> None:
        """Stop everything that goes on in the background."""
        ...


class Server:
    """Serves one vendor on one loopback port, in threads of this process."""

    def __init__(self, vendor: Vendor, port: int) -> None:
        self._vendor = vendor
        self._failures: deque[Answer] = deque()
        self._http = _Listener((LOOPBACK, port), partial(_Connection, self._answer))
        self.url = f"http://{LOOPBACK}:{self._http.server_address[1]}"
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.05,), name=self.url, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and stop what goes on in the background."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        self._vendor.close()

    def _answer(self, call: Call) -> Answer:
        host = urlsplit(f"//{call.headers.get('host', '')}").hostname
        if host not in NAMES:
            return refused(HTTPStatus.MISDIRECTED_REQUEST, f"this is not {host}")
        if not call.path.startswith(CONTROL):
            return self._failed() or self._vendor.answer(call)
        if "origin" in call.headers:
            return refused(HTTPStatus.FORBIDDEN, "browsers may not use the switches")
        return self._switch(call)

    def _switch(self, call: Call) -> Answer:
        if call.path == "/_received" and call.method == "GET":
            return Answer(HTTPStatus.OK, self._vendor.received())
        if call.path == "/_received" and call.method == "DELETE":
            self._vendor.forget()
            return Answer(HTTPStatus.NO_CONTENT)
        if call.path == "/_fail" and call.method == "POST":
            return self._fail(call)
        return self._vendor.answer(call)

    def _fail(self, call: Call) -> Answer:
        try:
            wanted = call.object()
        except ValueError as error:
            return refused(HTTPStatus.BAD_REQUEST, str(error))
        status, times = wanted.get("status", 0), wanted.get("times", 1)
        retry_after, code = wanted.get("retry_after", 1), wanted.get("error", "")
        if not (isinstance(status, int) and isinstance(times, int) and times > 0):
            return refused(HTTPStatus.UNPROCESSABLE_ENTITY, "status and times are numbers")
        if not (FIRST_FAILURE <= status <= LAST_FAILURE or (status == HTTPStatus.OK and code)):
            return refused(
                HTTPStatus.UNPROCESSABLE_ENTITY, "status is 400 to 599, or 200 with an error"
            )
        if not (isinstance(code, str) and isinstance(retry_after, int)):
            return refused(
                HTTPStatus.UNPROCESSABLE_ENTITY, "error is text, retry_after is seconds"
            )
        self._failures.extend([self._vendor.failure(status, code, retry_after)] * times)
        return Answer(HTTPStatus.OK, {"failing": len(self._failures)})

    def _failed(self) -> Answer | None:
        try:
            return self._failures.popleft()
        except IndexError:
            return None


class RateLimit:
    """Allows `calls` per second and key, in bursts of as many.

    Args:
        calls: Zero is valid and allows nothing.
        clock: Seconds that only grow.
    """

    def __init__(self, calls: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._calls = calls
        self._clock = clock
        self._lock = threading.Lock()
        self._recent: dict[str, deque[float]] = {}

    def allows(self, key: str) -> bool:
        """Count a call, and say whether it is within the limit."""
        now = self._clock()
        with self._lock:
            recent = self._recent.setdefault(key, deque())
            while recent and recent[0] <= now - 1:
                recent.popleft()
            if len(recent) >= self._calls:
                return False
            recent.append(now)
            return True


def refused(status: HTTPStatus, message: str) -> Answer:
    """Return the answer to a request that no vendor sees."""
    return Answer(status, {"error": message})


class _Listener(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "standin"
    sys_version = ""
    timeout = IDLE_S

    def __init__(self, answer: Callable[[Call], Answer], *connection: Any) -> None:  # noqa: ANN401  as inherited
        self._answer = answer
        super().__init__(*connection)  # serves the request

    def serve(self) -> None:
        """Answer the one request of this connection."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > BODY_LIMIT:
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            self._send(refused(status, f"the body may have {BODY_LIMIT} bytes"))
            return
        url = urlsplit(self.path)
        call = Call(
            method=self.command,
            path=url.path,
            query=dict(parse_qsl(url.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(length)),
        )
        self._send(self._answer(call))

    do_GET = do_POST = do_DELETE = serve  # noqa: N815  as inherited

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as inherited
        """Write no access log."""

    def _send(self, answer: Answer) -> None:
        body = b"" if answer.content is None else json.dumps(answer.content).encode()
        self.close_connection = True
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if body:
            self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
