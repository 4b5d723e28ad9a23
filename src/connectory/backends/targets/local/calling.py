"""One HTTP request to a connector on this machine, with a limit on everything."""

import re
import socket
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import quote

from connectory.backends.targets import Answer

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

MAX_BODY = 1024 * 1024  # bytes of an answer
AS_IT_IS = "/?&=%:@!$'()*+,;~"  # in a path; the rest is percent-encoded
SECONDS = re.compile(r"[0-9]{1,5}")
HEADERS = {"Connection": "close", "Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. `path` is percent-encoded where it has to be; the type of `body` is JSON."""

    method: str
    path: str
    body: bytes
    headers: Mapping[str, str]


class Limited(socket.socket):
    """A connection that ends at a moment: the timeout of others starts anew with each byte."""

    def __init__(self, connected: socket.socket, within_s: float) -> None:
        """Take over a connection."""
        super().__init__(fileno=connected.detach())
        self._end = time.monotonic() + within_s

    def sendall(self, data: "ReadableBuffer", flags: int = 0, /) -> None:
        """Send everything by then."""
        self._hurry()
        super().sendall(data, flags)

    def recv_into(self, buffer: "WriteableBuffer", nbytes: int = 0, flags: int = 0) -> int:
        """Receive what comes by then."""
        self._hurry()
        return super().recv_into(buffer, nbytes, flags)

    def _hurry(self) -> None:
        left_s = self._end - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        self.settimeout(left_s)


def call(connected: socket.socket, asked: Asked, *, timeout_s: float) -> Answer:
    """Send one request and return the answer; redirects are answers like others.

    Args:
        connected: A connection to the connector; it is closed at the end.
        asked: The request.
        timeout_s: Until the last byte of the answer.

    Raises:
        OSError: If nobody answers in time, counted until the last byte, or the answer is longer
            than `MAX_BODY`.
        http.client.HTTPException: If what comes back is not HTTP.
    """
    with closing(HTTPConnection("127.0.0.1")) as connection:
        connection.sock = Limited(connected, timeout_s)
        path = quote(asked.path, safe=AS_IT_IS)
        try:
            connection.request(asked.method, path, asked.body, {**HEADERS, **asked.headers})
            with closing(connection.getresponse()) as response:
                content = response.read(MAX_BODY + 1)
        except TimeoutError:
            raise TimeoutError(f"no complete answer within {timeout_s:g} s") from None
    if len(content) > MAX_BODY:
        raise OSError(f"the answer is longer than {MAX_BODY} bytes")
    content_type = response.getheader("Content-Type") or "application/octet-stream"
    later = response.getheader("Retry-After") or ""
    later_s = int(later) if SECONDS.fullmatch(later) else None
    return Answer(response.status, content_type, content, later_s)
