"""The ways out of a sandbox: names that resolve to forwards, and the forwards themselves.

The connector asks for names at the only server in its network, which is here. A declared host
has an address of its own there, and what connects to it is forwarded to that host, so that any
client in any language gets through unchanged and TLS ends where it should. Any other name does
not exist, and any other address cannot be reached. Names are resolved and addresses checked
here, for each connection, outside the sandbox.
"""

import json
import os
import re
import selectors
import socket
import threading
import time
from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import SimpleQueue

from connectory.gates.addresses import is_public, parsed

USUAL_PORTS = (443, 80)  # of a host without a port
NAMES = ("127.0.0.1", 53)
CONNECT_S = 10.0
CHUNK = 256 * 1024
MOST_CONNECTIONS = 128
MOST_FREE = 8  # threads that wait for a connection
MOST_REPORTS = 200  # of names and hosts, so that a loop in a connector does not fill its log
MOST_COUNTED = 100  # hosts that were refused; those beyond are counted as one
OTHERS = "(others)"
FLUSH_S = 1.0  # between two reports of counts
HOST_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?")
QUESTION, LONGEST_LABEL = 12, 64  # offset of the name in a question; RFC 1035
TYPE_A, NO_SUCH_NAME, TTL_S = b"\0\1", 3, 5


@dataclass(frozen=True, slots=True)
class Way:
    """One forward: what connects to `inside` is connected to `host` and `port`."""

    inside: tuple[str, int]
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Ways:
    """All that a connector may reach. `private` are hosts that may have private addresses."""

    forwards: tuple[Way, ...]
    private: frozenset[tuple[str, int]] = frozenset()
    names: dict[str, str] = field(default_factory=dict)


def plan(allowed: Sequence[str], private: Sequence[str]) -> Ways:
    """Give each host an address inside; `host` means its usual ports, `host:port` that one.

    Args:
        allowed: What the manifest declares, names only.
        private: What the admin allows all connectors of the target, as `host:port`; addresses
            of loopback keep themselves.
    """
    names: dict[str, str] = {}
    forwards: dict[tuple[str, int], Way] = {}
    trusted = frozenset(_split(entry) for entry in private)
    wanted = [(host, port) for entry in allowed for host, port in _ports(entry)]
    for host, port in (*wanted, *sorted(trusted)):
        if host.startswith("127."):
            inside = host
        else:
            inside = names.setdefault(host, f"127.0.1.{len(names) + 1}")
        forwards[inside, port] = Way((inside, port), host, port)
    return Ways(tuple(forwards.values()), trusted, names)


def _ports(entry: str) -> list[tuple[str, int]]:
    host, _, port = entry.partition(":")
    return [_split(entry)] if port else [(host, usual) for usual in USUAL_PORTS]


def _split(entry: str) -> tuple[str, int]:
    host, _, port = entry.rpartition(":")
    return host, int(port)


class NotPublicError(OSError):
    """A host has an address that is not public, and nobody allowed it."""


class Tally:
    """Counts by host what passed and what was refused, and reports what was added now and then.

    Safe to use from several threads.
    """

    def __init__(self, report: int) -> None:
        self._report = report
        self._lock = threading.Lock()
        self._added: dict[tuple[bool, str], list[int]] = {}
        self._refused: set[str] = set()
        self._open = 0
        self._last = 0.0

    def asked(self, host: str) -> None:
        """A declared name was asked for."""
        self._add((True, host), (1, 0, 0, 0))

    def opened(self, host: str) -> None:
        """A connection to a host and port begins."""
        with self._lock:
            self._open += 1
        self._add((True, host), (0, 1, 0, 0))

    def closed(self, host: str, sent: int, received: int) -> None:
        """A connection ends, and so many bytes went through it."""
        self._add((True, host), (0, 0, sent, received))
        with self._lock:
            self._open -= 1

    def refused(self, host: str) -> None:
        """A host was refused."""
        with self._lock:
            if host not in self._refused and len(self._refused) >= MOST_COUNTED:
                host = OTHERS
            self._refused.add(host)
        self._add(
            (False, host if HOST_NAME.fullmatch(host.partition(":")[0]) else OTHERS), (1,)
        )

    def idle_s(self) -> float | None:
        """Return how long there is nothing to report; None if nothing is in progress."""
        with self._lock:
            return FLUSH_S if self._added or self._open else None

    def flush(self) -> None:
        """Report what was added, one line a host, if the last report is long enough ago."""
        if time.monotonic() - self._last < FLUSH_S:
            return
        with self._lock:
            added, self._added = self._added, {}
        for (is_passed, host), numbers in added.items():
            line = {"count": host, "is_passed": is_passed, "numbers": numbers}
            os.write(self._report, json.dumps(line).encode() + b"\n")
        if added:
            self._last = time.monotonic()

    def _add(self, key: tuple[bool, str], numbers: tuple[int, ...]) -> None:
        with self._lock:
            before = self._added.get(key, [0] * len(numbers))
            self._added[key] = [a + b for a, b in zip(before, numbers, strict=True)]


class Hands:
    """Threads that are kept: making one takes longer than to forward a small request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting = SimpleQueue[Callable[[], None]]()
        self._free = 0  # threads that wait, less what waits for them

    def do(self, work: Callable[[], None]) -> None:
        """Let a thread do something soon; it must not raise."""
        with self._lock:
            is_there = self._free > 0
            self._free -= is_there
        if not is_there:
            threading.Thread(target=self._serve, daemon=True).start()
        self._waiting.put(work)

    def _serve(self) -> None:
        while True:
            self._waiting.get()()
            with self._lock:
                if self._free >= MOST_FREE:
                    return
                self._free += 1


class Egress:
    """Answers questions for names and forwards connections, until it is killed."""

    def __init__(self, ways: Ways, sockets: Sequence[socket.socket], report: int) -> None:
        self._ways = ways
        self._names, *self._listeners = sockets
        self._report = report
        self._reported: set[str] = set()
        self._tally = Tally(report)
        self._places = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._hands = Hands()

    def run(self) -> None:
        """Serve for ever."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._names, selectors.EVENT_READ)
            for listener, way in zip(self._listeners, self._ways.forwards, strict=True):
                selector.register(listener, selectors.EVENT_READ, way)
            while True:
                ready = selector.select(self._tally.idle_s())
                self._tally.flush()
                for key, _ in ready:
                    with suppress(OSError):  # the other end is gone
                        self._serve(key)

    def _serve(self, key: selectors.SelectorKey) -> None:
        if key.data is None:
            question, asker = self._names.recvfrom(512)
            if answer := self._answer(question):
                self._names.sendto(answer, asker)
            return
        listener: socket.socket = key.fileobj  # type: ignore[assignment]  # what was registered
        connection, _ = listener.accept()
        if not self._places.acquire(blocking=False):
            connection.close()
            self._say("too many connections at once; one was refused", key.data.host)
            return
        self._hands.do(lambda: self._forward(connection, key.data))

    def _answer(self, question: bytes) -> bytes:
        """Answer one question for a name; nothing if it is not one (RFC 1035)."""
        name, end = _name(question)
        if not name:
            return b""
        asked = question[QUESTION : end + 4]
        inside = self._ways.names.get(name)
        if inside is None:
            self._tally.refused(name)
            self._say(f"{name} is not among its allowed hosts; the name was refused", name)
            return _header(question, NO_SUCH_NAME, 0) + asked
        self._tally.asked(name)
        if question[end : end + 2] != TYPE_A:
            return _header(question, 0, 0) + asked
        record = b"\xc0\x0c" + TYPE_A + b"\0\1" + TTL_S.to_bytes(4, "big") + b"\0\4"
        return _header(question, 0, 1) + asked + record + socket.inet_aton(inside)

    def _forward(self, inner: socket.socket, way: Way) -> None:
        host = f"{way.host}:{way.port}"
        try:
            with inner, connect(way.host, way.port, trusted=self._ways.private) as outer:
                self._tally.opened(host)
                self._tally.closed(host, *self._exchange(inner, outer))
        except OSError as failure:
            if isinstance(failure, NotPublicError):
                self._tally.refused(host)
            self._say(f"{host} was not reached: {failure}", way.host)
        finally:
            self._places.release()

    def _exchange(self, inner: socket.socket, outer: socket.socket) -> tuple[int, int]:
        """Copy in both directions until both have ended; return the bytes of each."""
        received = SimpleQueue[int]()
        self._hands.do(lambda: received.put(_copy(outer, inner)))
        return _copy(inner, outer), received.get()

    def _say(self, message: str, host: str) -> None:
        """Report something to the log of the connector, once."""
        if message not in self._reported and len(self._reported) < MOST_REPORTS:
            self._reported.add(message)
            line = {"msg": message, "level": "warn", "from": "platform", "host": host}
            os.write(self._report, json.dumps(line).encode() + b"\n")


def connect(
    host: str, port: int, *, trusted: Container[tuple[str, int]] = frozenset()
) -> socket.socket:
    """Connect to one of a host's addresses, all of which were checked.

    Args:
        host: A name or an address.
        port: Of TCP.
        trusted: The hosts and ports whose addresses need not be public.

    Raises:
        OSError: If it does not resolve, has an address that is not public, or is silent.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(address[0]) for *_, address in found]
    if (host, port) not in trusted:
        for address in addresses:
            if not is_public(parsed(address)):
                raise NotPublicError(f"its address {address} is not a public one")
    failure = OSError("it has no address")
    for family, kind, protocol, _, place in found:
        made = socket.socket(family, kind, protocol)
        try:
            made.settimeout(CONNECT_S)
            made.connect(place)
        except OSError as refused:
            made.close()
            failure = refused
        else:
            return made
    raise failure


def _name(question: bytes) -> tuple[str, int]:
    """Return the name that is asked for and the offset behind it; no name if it is not one."""
    labels: list[str] = []
    at = QUESTION
    while at < len(question) and (size := question[at]) < LONGEST_LABEL:
        at += 1
        if size == 0:
            return (".".join(labels), at) if at + 4 <= len(question) else ("", at)
        labels.append(question[at : at + size].decode("ascii", "replace").lower())
        at += size
    return "", at


def _header(question: bytes, code: int, answers: int) -> bytes:
    flags = bytes((0x81 | question[2] & 0x78, 0x80 | code))
    return question[:2] + flags + b"\0\1" + answers.to_bytes(2, "big") + b"\0\0\0\0"


def _copy(source: socket.socket, into: socket.socket) -> int:
    """Copy until the end of `source`, tell it to the other side, and return the bytes."""
    source.settimeout(None)
    into.settimeout(None)
    into.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    buffer = bytearray(CHUNK)
    total = 0
    with suppress(OSError):  # one of the two has hung up
        while size := source.recv_into(buffer):
            into.sendall(memoryview(buffer)[:size])
            total += size
    with suppress(OSError):
        into.shutdown(socket.SHUT_WR)
    return total
