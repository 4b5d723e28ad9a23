"""Connections to one server, by the standard library, which a command imports in no time."""

import re
import select
import ssl
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import SplitResult, unquote, urlsplit

from connectory.client.address import LOOPBACK
from connectory.client.errors import ServerSilentError, ServerUnreachableError

CONNECT_S = 5.0
PORTS = {"http": 80, "https": 443}
ERRNO = re.compile(r"\A\[Errno -?[0-9]+\] ")


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent; `target` is a quoted path with its query."""

    method: str
    target: str
    headers: Mapping[str, str]
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer as it came, whatever its status; header names are in small letters."""

    status: int
    reason: str
    headers: Mapping[str, str]
    content: bytes

    @property
    def media_type(self) -> str:
        """What the content is."""
        return self.headers.get("content-type", "")

    @property
    def is_success(self) -> bool:
        """Whether the server did what was asked."""
        return 200 <= self.status < 300  # noqa: PLR2004  the class of good statuses


class Wire:
    """Sends requests to one server; several threads may do so at once.

    A connection is kept for the next request. A proxy is used where the system names one, but
    never for this machine. No redirect is followed.

    Args:
        url: Address of the server, as `normal_url` writes it.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._place = urlsplit(url)
        self._free: list[HTTPConnection] = []

    def close(self) -> None:
        """Close the connections that are not in use."""
        while self._free:
            self._free.pop().close()

    def exchange(self, request: Request, timeout_s: float) -> RawAnswer:
        """Send a request and read its whole answer.

        Raises:
            ServerUnreachableError: If nobody answers, or the connection broke.
            ServerSilentError: If no byte came for `timeout_s` seconds.
        """
        with self.stream(request, timeout_s) as response:
            return answer_of(response, response.read())

    @contextmanager
    def stream(self, request: Request, timeout_s: float) -> Iterator[HTTPResponse]:
        """Send a request and hand over its answer, to be read while it comes.

        Raises:
            ServerUnreachableError: If nobody answers, or the connection broke.
            ServerSilentError: If no byte came for `timeout_s` seconds.
        """
        line = self._kept() or self._connected(min(CONNECT_S, timeout_s))
        line.sock.settimeout(timeout_s)
        with ExitStack() as unusable:
            unusable.callback(line.close)
            with self._named_failures(timeout_s), closing(self._sent(line, request)) as answer:
                yield answer
                was_read = answer.isclosed()
            if was_read and line.sock is not None:
                unusable.pop_all()
                self._free.append(line)

    @cached_property
    def _proxy(self) -> SplitResult | None:
        proxy = _proxy_for(self._place)
        if proxy and proxy.scheme != "http":
            raise ServerUnreachableError(self._url, f"no {proxy.scheme} proxy can be used")
        return proxy

    def _kept(self) -> HTTPConnection | None:
        """Return a connection that the server has not closed meanwhile."""
        while True:
            try:
                line = self._free.pop()
            except IndexError:
                return None
            if not select.select([line.sock], [], [], 0)[0]:
                return line
            line.close()

    def _connected(self, timeout_s: float) -> HTTPConnection:
        line = self._line(self._proxy or self._place, timeout_s)
        if self._proxy and self._place.scheme == "https":
            line.set_tunnel(*_address(self._place), headers=_credentials(self._proxy))
        try:
            line.connect()
        except TimeoutError:
            raise ServerUnreachableError(self._url, "nobody answers the connection") from None
        except (OSError, HTTPException) as failure:
            raise ServerUnreachableError(self._url, _reason(failure)) from None
        return line

    def _line(self, to: SplitResult, timeout_s: float) -> HTTPConnection:
        host, port = _address(to)
        if self._place.scheme == "https":
            trusted = ssl.create_default_context()
            return HTTPSConnection(host, port, timeout=timeout_s, context=trusted)
        return HTTPConnection(host, port, timeout=timeout_s)

    def _sent(self, line: HTTPConnection, request: Request) -> HTTPResponse:
        before, headers = self._place.path, dict(request.headers)
        if self._proxy and self._place.scheme == "http":
            before, headers = self._url, headers | _credentials(self._proxy)
        # who refuses a large body may close before having read it: the refusal is there to read
        with suppress(BrokenPipeError, ConnectionResetError):
            line.request(request.method, before + request.target, request.content, headers)
        return line.getresponse()

    @contextmanager
    def _named_failures(self, timeout_s: float) -> Iterator[None]:
        try:
            yield
        except TimeoutError:
            raise ServerSilentError(self._url, timeout_s) from None
        except (OSError, HTTPException) as failure:
            raise ServerUnreachableError(self._url, _reason(failure)) from None


def answer_of(response: HTTPResponse, content: bytes) -> RawAnswer:
    """Return an answer with the content that was read of it."""
    headers = {name.lower(): value for name, value in response.getheaders()}
    return RawAnswer(response.status, response.reason, headers, content)


def _proxy_for(place: SplitResult) -> SplitResult | None:
    """Return the proxy that the system names for a server."""
    if place.hostname in LOOPBACK:
        return None
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415  # lazy: not for this machine

    if proxy_bypass(place.netloc):
        return None
    named = getproxies()
    proxy = named.get(place.scheme) or named.get("all") or ""
    return urlsplit(proxy if "://" in proxy else f"http://{proxy}") if proxy else None


def _address(place: SplitResult) -> tuple[str, int]:
    return place.hostname or "", place.port or PORTS[place.scheme]


def _credentials(proxy: SplitResult) -> dict[str, str]:
    if not proxy.username:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def _reason(failure: Exception) -> str:
    text = ERRNO.sub("", str(failure)) or type(failure).__name__
    return text[:1].lower() + text[1:]
