"""One HTTP request to a connector on this machine, with a limit on everything."""

import re
import socket
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from threading import Timer
from urllib.parse import quote

from connectory.backends.targets import Answer

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
    end = time.monotonic() + timeout_s
    with closing(HTTPConnection("127.0.0.1")) as connection:
        connected.settimeout(timeout_s)
        connection.sock = connected
        # The timeout of a socket starts anew with each byte; this one does not.
        hanging_up = Timer(timeout_s, _hang_up, [connected])
        hanging_up.start()
        try:
            path = quote(asked.path, safe=AS_IT_IS)
            connection.request(asked.method, path, asked.body, {**HEADERS, **asked.headers})
            response = connection.getresponse()
            with closing(response):
                content = response.read(MAX_BODY + 1)
        except OSError as failure:
            raise _late(timeout_s) if time.monotonic() >= end else failure from None
        finally:
            hanging_up.cancel()
    if time.monotonic() >= end:
        raise _late(timeout_s)
    if len(content) > MAX_BODY:
        raise OSError(f"the answer is longer than {MAX_BODY} bytes")
    content_type = response.getheader("Content-Type") or "application/octet-stream"
    later = response.getheader("Retry-After") or ""
    later_s = int(later) if SECONDS.fullmatch(later) else None
    return Answer(response.status, content_type, content, later_s)


def _late(timeout_s: float) -> TimeoutError:
    return TimeoutError(f"no complete answer within {timeout_s:g} s")


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # it is over already
        connection.shutdown(socket.SHUT_RDWR)
