"""The one client for requests to addresses that somebody else chose.

A name is resolved once, every address it has is checked, and the connection goes to an address
that was checked, so that a second answer of the name server cannot lead elsewhere. The name
itself is still what TLS and the `Host` header see. Redirects are refused, proxies of the
environment ignored, and one deadline covers everything from the look-up to the last byte.
"""

import re
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as LookUpTimeoutError
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar
from urllib.parse import SplitResult, urlsplit

import httpcore2  # noqa: TID251  this is the place

from connectory.gates.addresses import Address, is_loopback, is_public, parsed
from connectory.gates.pinned import Deadline, OutboundTimeoutError, Pinned
from connectory.kernel.errors import ConnectoryError, Kind

URL = re.compile(r"[a-z]+://[!#-;=?-\[\]_a-z~]+", re.IGNORECASE | re.ASCII)  # RFC 3986
HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?\.?|[0-9a-f:.]*:[0-9a-f:.]*")
NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")  # as a last label: an address in disguise
PORTS = {"https": 443, "http": 80}
REDIRECTS = range(300, 400)
IPV6 = 6
MAX_URL = 2000  # characters
MAX_HEADERS = 100  # of an answer; together they may have 100 KiB

Resolve = Callable[[str, int], Iterable[str]]

_look_ups = ThreadPoolExecutor(max_workers=8, thread_name_prefix="look-up")


class UrlNotAllowedError(ConnectoryError):
    """The server does not send requests to this address, or to what its name stands for."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "url-not-allowed"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"this address is not allowed: {reason}",
            hint="use an https:// address with a name that the public internet knows",
            field="url",
        )


class RedirectRefusedError(ConnectoryError):
    """The other server answered with a redirect, and redirects are not followed."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "redirect-refused"

    def __init__(self, host: str, status: int) -> None:
        super().__init__(
            f"{host} answered with a redirect ({status}), which is not followed",
            hint="give the address that it leads to, if you trust it",
            host=host,
        )


class OutboundTooLargeError(ConnectoryError):
    """The answer of the other server is larger than what is read."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "outbound-too-large"

    def __init__(self, host: str, limit: str) -> None:
        super().__init__(
            f"{host} answered with more than {limit}; the rest was not read",
            hint="ask for less, or point to a smaller document",
            host=host,
        )


class OutboundFailedError(ConnectoryError):
    """No connection to the other server, or what it sent is not what was asked for."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "outbound-failed"

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(
            f"the request to {host} failed: {reason}",
            hint="see whether the name, the port and the certificate are right, then try again",
            host=host,
        )


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a name.

    Raises:
        OSError, UnicodeError: If the name has none, or cannot be one.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in found]


@dataclass(frozen=True, slots=True)
class Policy:
    """Where requests may go and how much of an answer is read."""

    hosts: frozenset[str] = frozenset()
    """The only names allowed, in lower case; empty allows every public one."""
    loopback: bool = False
    """Whether this machine may be asked too, even without TLS: stand-ins, tests."""
    private: frozenset[str] = frozenset()
    """Names, in lower case, whose addresses may be private: the operator has set them."""
    seconds: float = 10
    max_bytes: int = 5 * 1024 * 1024
    resolve: Resolve = resolve
    tls: ssl.SSLContext | None = None  # None: the certificates that the system trusts


PUBLIC = Policy()


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whatever its status; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    address: str  # that was connected to


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a request goes, read from its URL once."""

    scheme: str
    host: str
    port: int
    target: str


def fetch(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    policy: Policy = PUBLIC,
) -> Fetched:
    """Send one request and return the whole answer.

    Raises:
        UrlNotAllowedError: Before anything is sent, if the policy does not allow the address.
        RedirectRefusedError: If the answer is a redirect.
        OutboundTimeoutError: If the answer is not complete in time.
        OutboundTooLargeError: If the answer has too many bytes or headers.
        OutboundFailedError: If there is no connection, no trust or no HTTP.
    """
    place = _read(url, policy)
    deadline = Deadline(place.host, policy.seconds)
    checked = _checked_addresses(place, policy, deadline)
    backend = Pinned(checked, deadline)
    tls = policy.tls or _trust()
    try:
        with (
            httpcore2.ConnectionPool(tls, network_backend=backend) as pool,
            pool.stream(
                method,
                httpcore2.URL(
                    scheme=place.scheme, host=place.host, port=place.port, target=place.target
                ),
                headers=_sent(headers or {}),
                content=body,
            ) as answer,
        ):
            return _received(place.host, answer, policy, backend.connected)
    except httpcore2.TimeoutException:
        raise OutboundTimeoutError(place.host, policy.seconds) from None
    except (httpcore2.NetworkError, httpcore2.RemoteProtocolError) as failure:
        raise OutboundFailedError(place.host, str(failure)) from None


def check_url(url: str, policy: Policy = PUBLIC) -> None:
    """Refuse a URL that is never asked, whatever its name stands for; nobody is asked.

    Raises:
        UrlNotAllowedError: If the policy does not allow it.
    """
    _read(url, policy)


def checked_place(url: str, policy: Policy = PUBLIC) -> tuple[str, int, list[str]]:
    """Return host, port and allowed addresses of a URL, for a program that asks by itself.

    The program must go to one of these addresses and not look the name up again. An address of
    IP version 6 stands in brackets.

    Raises:
        UrlNotAllowedError: If the policy does not allow the address.
        OutboundTimeoutError, OutboundFailedError: If the name cannot be resolved.
    """
    place = _read(url, policy)
    found = _checked_addresses(place, policy, Deadline(place.host, policy.seconds))
    texts = [f"[{one}]" if one.version == IPV6 else str(one) for one in found]
    return place.host, place.port, texts


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _read(url: str, policy: Policy) -> _Place:
    """Read a URL strictly: one that two parsers could read in two ways is refused."""
    if len(url) > MAX_URL or not URL.fullmatch(url):
        raise UrlNotAllowedError("it is not written as a URL of plain ASCII")
    parts = _split(url)
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    if scheme not in ({"https", "http"} if policy.loopback else {"https"}):
        raise UrlNotAllowedError(f"its scheme is {scheme}, not https")
    if "@" in parts.netloc:
        raise UrlNotAllowedError("it carries a user name or password")
    if not HOST.fullmatch(host):
        raise UrlNotAllowedError("its host is not a name or an address")
    host = host.removesuffix(".")
    if policy.hosts and host not in policy.hosts:
        raise UrlNotAllowedError(f"{host} is not one of the hosts that may be asked")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Place(scheme, host, _port(parts), target)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise UrlNotAllowedError("its host is not a name or an address") from None


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise UrlNotAllowedError("its port is not between 1 and 65535")
    return port or PORTS[parts.scheme.lower()]


def _checked_addresses(place: _Place, policy: Policy, deadline: Deadline) -> list[Address]:
    """Return the addresses of a place, all of them allowed.

    Raises:
        UrlNotAllowedError: If one of them is not: a name with a public and a private address is
            an attack, or a mistake that looks like one.
    """
    found = _literal(place.host) or _looked_up(place, policy, deadline)
    if policy.loopback and all(is_loopback(address) for address in found):
        return found
    if place.scheme != "https":
        raise UrlNotAllowedError("only this machine itself may be asked without https")
    if place.host in policy.private:
        return found
    refused = [address for address in found if not is_public(address)]
    if refused:
        raise UrlNotAllowedError(f"{place.host} leads to {refused[0]}, which is not public")
    return found


def _literal(host: str) -> list[Address]:
    """Read a host that is an address; numbers in any but the usual form are refused."""
    try:
        return [parsed(host)]
    except ValueError:
        if NUMBER.fullmatch(host.rpartition(".")[2]):
            raise UrlNotAllowedError(f"{host} is a number and no usual address") from None
        return []


def _looked_up(place: _Place, policy: Policy, deadline: Deadline) -> list[Address]:
    asked = _look_ups.submit(policy.resolve, place.host, place.port)
    try:
        found = list(dict.fromkeys(parsed(text) for text in asked.result(deadline.left())))
    except LookUpTimeoutError:
        raise OutboundTimeoutError(place.host, policy.seconds) from None
    except (OSError, UnicodeError):
        raise OutboundFailedError(place.host, "its name cannot be resolved") from None
    if not found:
        raise OutboundFailedError(place.host, "its name has no address")
    return found


def _sent(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    ours = {"user-agent": "connectory", "accept-encoding": "identity", "connection": "close"}
    given = {name.lower(): value for name, value in headers.items()}
    given.pop("host", None)
    return list((ours | given | {"accept-encoding": "identity"}).items())


def _received(host: str, answer: httpcore2.Response, policy: Policy, address: str) -> Fetched:
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in answer.headers}
    if len(answer.headers) > MAX_HEADERS:
        raise OutboundTooLargeError(host, f"{MAX_HEADERS} headers")
    if answer.status in REDIRECTS and "location" in headers:
        raise RedirectRefusedError(host, answer.status)
    if headers.get("content-encoding", "identity") != "identity":
        raise OutboundFailedError(host, "it compressed its answer, which was not asked for")
    body = bytearray()
    for chunk in answer.iter_stream():
        body += chunk
        if len(body) > policy.max_bytes:
            raise OutboundTooLargeError(host, f"{policy.max_bytes} bytes")
    return Fetched(answer.status, headers, bytes(body), address)
