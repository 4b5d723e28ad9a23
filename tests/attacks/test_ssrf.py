"""Requests that somebody wants the server to send for them, into places it must not reach."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field

import pytest

from connectory.gates.http import (
    OutboundFailedError,
    OutboundTooLargeError,
    Policy,
    RedirectRefusedError,
    UrlNotAllowedError,
    fetch,
)
from connectory.gates.pinned import OutboundTimeoutError
from connectory.kernel.errors import ConnectoryError

Act = Callable[[socket.socket], None]

WRITTEN = [
    "http://{sink}/",
    "https://127.1:{port}/",
    "https://127.0.0.1:{port}/",
    "https://2130706433:{port}/",
    "https://0x7f.1:{port}/",
    "https://0x7f000001:{port}/",
    "https://0177.0.0.1:{port}/",
    "https://017700000001:{port}/",
    "https://\u2460\u2461\u2466.0.0.1:{port}/",
    "https://127.0.0.1.:{port}/",
    "https://[::1]:{port}/",
    "https://[::ffff:7f00:1]:{port}/",
    "https://[::ffff:127.0.0.1]:{port}/",
    "https://[::127.0.0.1]:{port}/",
    "https://[64:ff9b::7f00:1]:{port}/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:7f00:1::]:{port}/",
    "https://[fe80::1%25lo]:{port}/",
    "https://[fec0::1]/",
    "https://[fd00:ec2::254]/",
    "https://[ff02::1]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.100.100.200/",
    "https://168.63.129.16/",
    "https://192.0.0.192/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://0:{port}/",
    "https://0.0.0.0:{port}/",
    "https://localhost:{port}/",
    "https://localhost.:{port}/",
    "https://LOCALHOST:{port}/",
    "https://user:secret@{sink}/",
    "https://example.com@{sink}/",
    "https://{sink}\\@example.com/",
    "https://{sink}#@example.com/",
    "https:\\\\{sink}/",
    "https://{sink}\r\nHost: example.com/",
    "https://{sink}\t/",
    " https://{sink}/",
    "https:///{sink}/",
    "https:{sink}",
    "//{sink}/",
    "file:///etc/passwd",
    "gopher://{sink}/_GET",
    "ftp://{sink}/",
    "https://[::1/",
    "https://{sink}0000/",
    "https://127.0.0.1:0/",
    "https://" + "a" * 3000 + "/",
    "",
]
RESOLVED = [
    "127.0.0.1",
    "::1",
    "::ffff:127.0.0.1",
    "::127.0.0.1",
    "10.0.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "2002:a9fe:a9fe::",
    "2001:0:a00:1::",
    "fd00:ec2::254",
    "fe80::1%eth0",
    "224.0.0.1",
    "ff05::2",
    "0.0.0.0",  # noqa: S104  the attack
]


@dataclass
class Sink:
    """A server that does `act` with each connection and counts them."""

    act: Act
    connections: int = 0
    listener: socket.socket = field(
        default_factory=lambda: socket.create_server(("127.0.0.1", 0))
    )

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                with closing(connection), suppress(OSError):
                    connection.recv(65536)
                    self.act(connection)

    def stop(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.fixture
def serving() -> Iterator[Callable[[Act], Sink]]:
    sinks: list[Sink] = []
    threads: list[threading.Thread] = []

    def start(act: Act) -> Sink:
        sinks.append(Sink(act))
        threads.append(threading.Thread(target=sinks[-1].serve, daemon=True))
        threads[-1].start()
        return sinks[-1]

    yield start
    for sink in sinks:
        sink.stop()
    for thread in threads:
        thread.join(10)


def say(*pieces: bytes, pause: float = 0) -> Act:
    def act(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)

    return act


HERE = Policy(loopback=True, seconds=5)


@pytest.mark.parametrize("url", WRITTEN, ids=[f"B100-{n}" for n in range(len(WRITTEN))])
def test_an_address_inside_is_refused_however_it_is_written(
    url: str, serving: Callable[[Act], Sink]
) -> None:
    sink = serving(say(b"HTTP/1.1 200 OK\r\n\r\nsecret"))
    wanted = url.replace("{sink}", f"127.0.0.1:{sink.port}").replace("{port}", str(sink.port))

    with pytest.raises(UrlNotAllowedError) as caught:
        fetch("GET", wanted)

    assert caught.value.code == "url-not-allowed"
    assert "secret" not in caught.value.message
    assert sink.connections == 0


@pytest.mark.parametrize("address", RESOLVED, ids=[f"B100-{text}" for text in RESOLVED])
@pytest.mark.parametrize("also", [[], ["93.184.215.14"]], ids=["alone", "beside a public one"])
def test_a_name_that_leads_inside_is_refused(address: str, also: list[str]) -> None:
    policy = Policy(resolve=lambda _host, _port: [*also, address])

    with pytest.raises(UrlNotAllowedError, match="not public"):
        fetch("GET", "https://hook.example/", policy=policy)


@pytest.mark.parametrize("address", ["10.0.0.1", "::ffff:127.0.0.1", "93.184.215.14"])
def test_b100_loopback_policy_opens_nothing_else_without_tls(address: str) -> None:
    policy = Policy(loopback=True, resolve=lambda _host, _port: ["127.0.0.1", address])

    with pytest.raises(UrlNotAllowedError):
        fetch("GET", "http://hook.example/", policy=policy)


def test_b100_a_name_is_looked_up_once_and_cannot_change_its_mind(
    serving: Callable[[Act], Sink],
) -> None:
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    sink = serving(say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
    policy = Policy(loopback=True, resolve=lambda _host, _port: answers.pop(0))

    fetched = fetch("GET", f"http://hook.example:{sink.port}/", policy=policy)

    assert (fetched.body, fetched.address) == (b"ok", "127.0.0.1")
    assert answers == [["169.254.169.254"]]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/",
        "file:///etc/passwd",
        "gopher://x/",
        "/elsewhere",
        "//10.0.0.1/",
    ],
    ids=["B101-metadata", "B101-file", "B101-gopher", "B101-path", "B101-host"],
)
def test_redirects_are_not_followed(
    status: int, location: str, serving: Callable[[Act], Sink]
) -> None:
    sink = serving(say(f"HTTP/1.1 {status} Go\r\nLocation: {location}\r\n\r\n".encode()))

    with pytest.raises(RedirectRefusedError) as caught:
        fetch("GET", sink.url, policy=HERE)

    assert caught.value.code == "redirect-refused"
    assert sink.connections == 1


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n")
    while True:
        connection.sendall(bytes(65536))


def endless_chunks(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + bytes(65536) + b"\r\n")


def slow(start: bytes) -> Act:
    return say(start, *[b"x"] * 100, pause=0.1)


BOMB = gzip.compress(bytes(50_000_000))
HOSTILE: dict[str, tuple[Act, type[ConnectoryError]]] = {
    "B104-10-GiB": (endless, OutboundTooLargeError),
    "B104-endless-chunks": (endless_chunks, OutboundTooLargeError),
    "B104-slow-body": (slow(b"HTTP/1.1 200 OK\r\n\r\n"), OutboundTimeoutError),
    "B104-slow-headers": (slow(b"HTTP/1.1 200 OK\r\nX-Y: "), OutboundTimeoutError),
    "B104-slow-status": (slow(b""), OutboundTimeoutError),
    "B104-silence": (lambda _: time.sleep(3), OutboundTimeoutError),
    "B104-many-headers": (
        say(b"HTTP/1.1 200 OK\r\n" + b"a:b\r\n" * 10_000 + b"\r\n"),
        OutboundTooLargeError,
    ),
    "B104-large-headers": (
        say(b"HTTP/1.1 200 OK\r\n" + b"a:" + b"b" * 1_000_000 + b"\r\n\r\n"),
        OutboundFailedError,
    ),
    "B104-gzip-bomb": (
        say(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
            % len(BOMB),
            BOMB,
        ),
        OutboundFailedError,
    ),
    "B104-no-http": (say(b"SSH-2.0-OpenSSH_9.2\r\n"), OutboundFailedError),
    "B104-cut-off": (
        say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
        OutboundFailedError,
    ),
}


@pytest.mark.parametrize(("act", "failure"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_is_cut(
    act: Act, failure: type[ConnectoryError], serving: Callable[[Act], Sink]
) -> None:
    sink = serving(act)
    began = time.monotonic()

    with pytest.raises(failure):
        fetch("GET", sink.url, policy=Policy(loopback=True, seconds=1))

    assert time.monotonic() - began < 4  # the deadline of 1 s, on a busy machine


def test_b104_a_slow_name_server_counts_too() -> None:
    def slow_look_up(_host: str, _port: int) -> list[str]:
        time.sleep(1)
        return ["127.0.0.1"]

    with pytest.raises(OutboundTimeoutError):
        fetch("GET", "https://hook.example/", policy=Policy(seconds=0.1, resolve=slow_look_up))
