"""Connections that go to checked addresses only and end at a deadline."""

import ssl
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar

import httpcore2  # noqa: TID251  this is the place

from connectory.gates.addresses import Address
from connectory.kernel.errors import ConnectoryError, Kind

PIECE = 16_384  # bytes that are sent between two looks at the clock


class OutboundTimeoutError(ConnectoryError):
    """The other server did not give its whole answer in time."""

    kind: ClassVar[Kind] = Kind.TIMED_OUT
    code: ClassVar[str] = "outbound-timeout"

    def __init__(self, host: str, seconds: float) -> None:
        super().__init__(
            f"{host} did not answer completely within {seconds:g} s",
            hint="see whether the service is up, then try again",
            host=host,
        )


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment by which everything with `host` is over, `seconds` from now."""

    host: str
    seconds: float
    began: float = field(default_factory=time.monotonic)

    def left(self) -> float:
        """Return the seconds that are left.

        Raises:
            OutboundTimeoutError: If there are none.
        """
        left = self.began + self.seconds - time.monotonic()
        if left <= 0:
            raise OutboundTimeoutError(self.host, self.seconds)
        return left


class Pinned(httpcore2.NetworkBackend):
    """Connects to addresses that were checked, whatever the name leads to by now.

    The timeouts that httpcore hands down are ignored: they count from one call to the next,
    the deadline counts once.
    """

    def __init__(self, checked: list[Address], deadline: Deadline) -> None:
        self.connected = ""  # the address, once there is a connection
        self._checked = checked
        self._deadline = deadline
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002  not looked up again
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore2.NetworkStream:
        """Try one address after the other; each has its share of the time that is left."""
        *others, last = self._checked
        for tried, address in enumerate(others):
            with suppress(httpcore2.NetworkError, httpcore2.TimeoutException):
                return self._connect(address, port, len(self._checked) - tried)
        return self._connect(last, port, 1)

    def _connect(self, address: Address, port: int, shares: int) -> httpcore2.NetworkStream:
        stream = self._plain.connect_tcp(str(address), port, self._deadline.left() / shares)
        self.connected = str(address)
        return Timed(stream, self._deadline)


class Timed(httpcore2.NetworkStream):
    """A stream whose every call ends at the deadline."""

    def __init__(self, inner: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """Read what is there."""
        return self._inner.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Write everything, piece by piece."""
        for start in range(0, len(buffer), PIECE):
            self._inner.write(buffer[start : start + PIECE], self._deadline.left())

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore2.NetworkStream:
        """Turn to TLS; the certificate is checked against the name, not the address."""
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left())
        return Timed(inner, self._deadline)

    def get_extra_info(self, info: str) -> object:
        """Return what the connection knows of itself."""
        return self._inner.get_extra_info(info)
