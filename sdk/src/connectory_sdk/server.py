"""A small HTTP server: one request per connection, with limits on time, size and number."""

import io
import re
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from connectory_sdk.logs import log
from connectory_sdk.runs import Reply, failure

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

READ_S = 10.0  # for a whole request to arrive, however slowly its bytes drip
WRITE_S = 10.0
CONNECTIONS = 64
RUN, ATTEMPT = "Connectory-Run", "Connectory-Attempt"
COUNT = re.compile(r"[0-9]{1,6}")
LENGTH = re.compile(r"[0-9]{1,15}")
DISCARDED = 8_388_608  # bytes of a too large body that are read, so that the 413 gets through


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `query` holds the last value of each name.

    `run` is the platform's number of an event, empty for another caller; `attempt` counts how
    often it was delivered.
    """

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    run: str = ""
    attempt: int = 1


Answering = Callable[[Request], Reply]


class Server:
    """Answers requests in threads until it is stopped."""

    def __init__(self, address: tuple[str, int], answer: Answering, *, body_limit: int) -> None:
        self._listener = _Listener(address, answer, body_limit)
        self.port: int = self._listener.server_address[1]

    def start(self) -> None:
        """Begin to accept connections."""
        threading.Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self, grace_s: float) -> bool:
        """Accept no more, and say whether all requests in progress ended within the grace."""
        self._listener.shutdown()
        self._listener.server_close()
        return self._listener.idle(grace_s)


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = CONNECTIONS

    def __init__(self, address: tuple[str, int], answer: Answering, body_limit: int) -> None:
        self._open = 0
        self._changed = threading.Condition()
        super().__init__(address, partial(_Connection, answer, body_limit))

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ANN401, ARG002  as inherited
        """Say no to a connection when there are too many; closing it is the answer."""
        with self._changed:
            return self._open < CONNECTIONS

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  as inherited
        """Count the connection, then serve it in a thread of its own."""
        with self._changed:
            self._open += 1
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread could be started
            self._left()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  as inherited
        """Serve one connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._left()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002  as inherited
        """Log a bug; a caller that went away is its own affair."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            log.crash("a request was not answered", error)

    def idle(self, within_s: float) -> bool:
        """Wait until nothing is in progress, and say whether that came about."""
        with self._changed:
            return self._changed.wait_for(lambda: self._open == 0, within_s)

    def _left(self) -> None:
        with self._changed:
            self._open -= 1
            self._changed.notify_all()


class _RefusedRequestError(Exception):
    """The request cannot be read."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "connectory-sdk"
    sys_version = ""
    timeout = WRITE_S

    def __init__(self, answer: Answering, body_limit: int, *connection: Any) -> None:  # noqa: ANN401  as inherited
        self._answer = answer
        self._body_limit = body_limit
        super().__init__(*connection)  # serves the request

    def setup(self) -> None:
        """Read through a deadline for the whole request."""
        super().setup()
        self.rfile = io.BufferedReader(_Timed(self.connection, time.monotonic() + READ_S))

    def serve(self) -> None:
        """Answer the one request of this connection."""
        try:
            body = self._body()
        except _RefusedRequestError as error:
            self._send(failure(error.status, str(error)))
            return
        except TimeoutError:
            self._send(failure(HTTPStatus.REQUEST_TIMEOUT, f"no body within {READ_S:g} s"))
            return
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        run, attempt = self.headers.get(RUN, ""), self.headers.get(ATTEMPT, "1")
        count = int(attempt) if COUNT.fullmatch(attempt) else 1
        self._send(self._answer(Request(self.command, url.path, query, body, run, count)))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = serve  # noqa: N815  as inherited

    def send_error(
        self, code: int, message: str | None = None, explain: str | None = None
    ) -> None:
        """Answer a request that is not HTTP in the same form as everything else."""
        status = HTTPStatus(code)
        self._send(failure(status, message or explain or status.phrase))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as inherited
        """Write no access log: the platform knows what it asked, runs are logged as runs."""

    def _body(self) -> bytes:
        if "Transfer-Encoding" in self.headers:
            raise _RefusedRequestError(HTTPStatus.LENGTH_REQUIRED, "send Content-Length")
        lengths = set(self.headers.get_all("Content-Length", ["0"]))
        text = lengths.pop()
        if lengths or not LENGTH.fullmatch(text):
            raise _RefusedRequestError(HTTPStatus.BAD_REQUEST, "Content-Length is no number")
        length = int(text)
        if length > self._body_limit:
            self.rfile.read(min(length, DISCARDED))
            limit = self._body_limit
            raise _RefusedRequestError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body may have {limit} bytes"
            )
        body = self.rfile.read(length)
        if len(body) < length:
            raise _RefusedRequestError(HTTPStatus.BAD_REQUEST, "the body ended early")
        return body

    def _send(self, answer: Reply) -> None:
        self.close_connection = True
        self.connection.settimeout(WRITE_S)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Connection", "close")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)


class _Timed(io.RawIOBase):
    """Bytes of a socket until a point in time, after which reading raises TimeoutError."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline

    def readable(self) -> bool:
        """Say yes, as a buffered reader asks."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill the buffer with what has come."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request did not arrive in time")
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)
