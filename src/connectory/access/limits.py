"""How much one caller may ask for: requests, publications, wrong credentials, open streams.

Everything is counted in the memory of this process. Who is known is counted by account, who is
not by address; an IPv6 address stands for its /64, because one machine has all of that.
"""

import ipaddress
import math
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar

from starlette.types import Scope

from connectory.access import rules
from connectory.access.rules import Actor
from connectory.access.streams import is_stream
from connectory.kernel.errors import ConnectoryError, Kind

SAFE = {"GET", "HEAD", "OPTIONS"}
FREE = ("/static/", "/healthz", "/readyz")
HOOKS = "/hooks/"
MOST_CALLERS = 10_000  # that are remembered; then the one who was away the longest is forgotten
WRONG_PER_MINUTE = 60  # credentials from one address
ACCOUNT_STREAMS = 10
SERVER_STREAMS = 500
STREAM_RETRY_S = 15
IPV6_NETWORK = 64  # bits
PERIODS = {"minute": 60.0, "hour": 3600.0}  # seconds
PUBLISH = ("POST", "/api/v1/connectors")


class RateLimitedError(ConnectoryError):
    """One caller sent more requests, or more wrong credentials, than are allowed in a time."""

    kind: ClassVar[Kind] = Kind.RATE_LIMITED
    code: ClassVar[str] = "rate-limited"

    def __init__(self, what: str, most: int, per: str, retry_after_s: int) -> None:
        super().__init__(
            f"more than {most} {what} per {per} came from this caller",
            hint=f"wait {retry_after_s} s, then go on more slowly",
            retry_after_s=retry_after_s,
        )


class TooManyStreamsError(ConnectoryError):
    """One account, or all of them together, hold as many event streams open as are allowed."""

    kind: ClassVar[Kind] = Kind.RATE_LIMITED
    code: ClassVar[str] = "too-many-streams"

    def __init__(self, most: int, whose: str) -> None:
        super().__init__(
            f"{most} event streams of {whose} are open, and no more are allowed",
            hint="close one, or ask for the present state without `/events`",
            retry_after_s=STREAM_RETRY_S,
        )


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a bucket says: `wait_s` is 0 when the request may pass. Times in whole seconds."""

    limit: int
    remaining: int
    reset_s: int
    wait_s: int

    def headers(self) -> dict[str, str]:
        """Return the headers that tell a caller how much is left."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_s),
        }


@dataclass(slots=True)
class Buckets:
    """A token bucket for each caller: `most` at once, and refilled steadily `per` a time."""

    what: str
    most: int
    clock: Callable[[], float] = time.monotonic
    per: str = "minute"
    _levels: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __len__(self) -> int:
        return len(self._levels)

    def take(self, caller: str) -> Allowance:
        """Count one request of `caller`, unless the bucket is empty."""
        per_second, now = self.most / PERIODS[self.per], self.clock()
        with self._lock:
            level, at = self._levels.pop(caller, (float(self.most), now))
            level = min(self.most, level + (now - at) * per_second)
            passes = level >= 1
            level -= passes
            self._levels[caller] = (level, now)  # at the end: the latest one
            if len(self._levels) > MOST_CALLERS:
                self._levels.popitem(last=False)
        return Allowance(
            limit=self.most,
            remaining=int(level),
            reset_s=math.ceil((self.most - level) / per_second),
            wait_s=0 if passes else math.ceil((1 - level) / per_second),
        )

    def refuse(self, allowance: Allowance) -> None:
        """Raise if the request may not pass.

        Raises:
            RateLimitedError: If the bucket was empty.
        """
        if allowance.wait_s:
            raise RateLimitedError(self.what, self.most, self.per, allowance.wait_s)


@dataclass(slots=True)
class Streams:
    """Counts open event streams, of each account and of all."""

    _open: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def one(self, caller: str) -> Iterator[None]:
        """Hold a place for the length of a block.

        Raises:
            TooManyStreamsError: If there is none.
        """
        with self._lock:
            if self._open[caller] >= ACCOUNT_STREAMS:  # a look adds nothing to a Counter
                raise TooManyStreamsError(ACCOUNT_STREAMS, "one account")
            if self._open.total() >= SERVER_STREAMS:
                raise TooManyStreamsError(SERVER_STREAMS, "this server")
            self._open[caller] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open[caller] -= 1
                if not self._open[caller]:
                    del self._open[caller]


class Limits:
    """All limits of one process. Each number is for one caller; 0 is none.

    Requests are counted per minute, publications per hour.
    """

    def __init__(self, *, reads: int, writes: int, hooks: int, publications: int) -> None:
        self.reads = Buckets("requests to read", reads)
        self.writes = Buckets("requests to change something", writes)
        self.hooks = Buckets("calls of hooks", hooks)
        self.publications = Buckets("publications", publications, per="hour")
        self.wrong = Buckets("wrong credentials", WRONG_PER_MINUTE)
        self.streams = Streams()

    def admit(self, scope: Scope, actor: Actor) -> None:
        """Count a request, and leave in `scope["state"]["limit"]` what its answer says of it.

        Raises:
            RateLimitedError: If the caller has sent too many.
        """
        path = scope["path"]
        if path.startswith(FREE):
            return
        buckets = self.writes
        if path.startswith(HOOKS):
            buckets = self.hooks
        elif scope["method"] in SAFE:
            buckets = self.reads
        _count(buckets, scope, caller_of(scope, actor))
        if (scope["method"], path) == PUBLISH and rules.Scope.BULK not in actor.scopes:
            _count(self.publications, scope, f"{caller_of(scope, actor)} {actor.via}")

    def note_wrong(self, scope: Scope) -> None:
        """Count a wrong credential. Valid ones of the same address are never refused for it.

        Raises:
            RateLimitedError: If too many came from this address.
        """
        self.wrong.refuse(self.wrong.take(_address(scope)))

    @contextmanager
    def streaming(self, scope: Scope, actor: Actor) -> Iterator[None]:
        """Hold a place for an event stream, if that is what is asked for.

        Raises:
            TooManyStreamsError: If there is none.
        """
        if scope["method"] not in SAFE or not is_stream(scope["path"]):
            yield
            return
        with self.streams.one(caller_of(scope, actor)):
            yield


def _count(buckets: Buckets, scope: Scope, caller: str) -> None:
    if not buckets.most:
        return
    allowance = buckets.take(caller)
    scope.setdefault("state", {})["limit"] = allowance.headers()
    buckets.refuse(allowance)


def caller_of(scope: Scope, actor: Actor) -> str:
    """Return as whom a caller is counted."""
    return _address(scope) if actor.is_anonymous else f"account {actor.name}"


def _address(scope: Scope) -> str:
    host = (scope.get("client") or ("unknown", 0))[0]
    if ":" not in host:
        return f"address {host}"
    plain = host.partition("%")[0]  # a link-local address names its interface
    return f"address {ipaddress.ip_network((plain, IPV6_NETWORK), strict=False)}"
