"""Who really asked, where a reverse proxy of the operator stands in front of the server.

The headers `X-Forwarded-For`, `-Proto` and `-Host` are believed only of a connection from a
network in `CONNECTORY_TRUSTED_PROXIES`. From anybody else they are taken away, so that nothing
behind this layer can read them by mistake: a caller could otherwise choose the address under
which it is counted, or the name under which it is answered.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from starlette.types import ASGIApp, Receive, Scope, Send

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]

FOR, PROTO, HOST = b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"
TAKEN = {FOR, PROTO, HOST, b"forwarded", b"x-real-ip", b"x-forwarded-port"}
SCHEMES = {"http", "https"}


@dataclass(frozen=True, slots=True)
class Forwarded:
    """ASGI middleware, the outermost: puts the true client, scheme and host into the scope."""

    app: ASGIApp
    trusted: Networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http":
            scope = self._corrected(scope)
        await self.app(scope, receive, send)

    def _corrected(self, scope: Scope) -> Scope:
        given = [one for one in scope["headers"] if one[0] in TAKEN]
        if not given:
            return scope
        headers = [one for one in scope["headers"] if one[0] not in TAKEN]
        nearest = _address((scope.get("client") or ("", 0))[0])
        if nearest is None or not self._is_trusted(nearest):
            return {**scope, "headers": headers}
        scheme, host = _last(given, PROTO).lower(), _last(given, HOST)
        if host:
            headers = [(b"host", host.encode("latin-1"))] + [
                one for one in headers if one[0] != b"host"
            ]
        return {
            **scope,
            "headers": headers,
            "client": (str(self._client(nearest, _values(given, FOR))), 0),
            "scheme": scheme if scheme in SCHEMES else scope["scheme"],
        }

    def _client(self, nearest: Address, hops: Sequence[str]) -> Address:
        """Return the last address before our proxies; what stands further left is hearsay."""
        client = nearest
        for hop in reversed(hops):
            found = _address(_without_port(hop))
            if found is None:
                return client
            client = found
            if not self._is_trusted(client):
                return client
        return client

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self.trusted)


def _parts(text: str) -> list[str]:
    return [part for one in text.split(",") if (part := one.strip())]


def _values(given: Sequence[tuple[bytes, bytes]], wanted: bytes) -> list[str]:
    """Return what all headers of a name list, in the order in which it was added."""
    texts = (value.decode("latin-1") for name, value in given if name == wanted)
    return [part for text in texts for part in _parts(text)]


def _last(given: Sequence[tuple[bytes, bytes]], wanted: bytes) -> str:
    """Return the value that the nearest proxy wrote, `""` when it wrote none."""
    return next(reversed(_values(given, wanted)), "")


def _address(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _without_port(hop: str) -> str:
    """Return the address of `1.2.3.4:5`, `[::1]:5` or a bare one."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
