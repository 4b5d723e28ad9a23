"""Connections: kept, given up, through a proxy, under TLS."""

import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from certificates import certified
from connectory.client.errors import ServerUnreachableError
from connectory.client.wire import RawAnswer, Request, Wire
from stubs import Reply, Stub

GET = Request("GET", "/api/v1/me", {})
NAME = "market.example"


@contextmanager
def listener(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """Hand every connection to `answer`; give the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def answered(connection: socket.socket, body: bytes = b"{}") -> bytes:
    """Read the head of a request, answer it, return it."""
    head = b""
    while b"\r\n\r\n" not in head and (more := connection.recv(4096)):
        head += more
    if head:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    return head


def exchanged(url: str, request: Request = GET) -> RawAnswer:
    with closing(Wire(url)) as wire:
        return wire.exchange(request, 5)


def test_a_connection_is_kept_for_the_next_request() -> None:
    heads: list[list[bytes]] = []

    def answer(connection: socket.socket) -> None:
        heads.append([])
        while head := answered(connection):
            heads[-1].append(head)

    with listener(answer) as port:
        wire = Wire(f"http://127.0.0.1:{port}")
        for _ in range(3):
            wire.exchange(GET, 5)
        wire.close()

    assert [len(one) for one in heads] == [3]


def test_a_connection_that_the_server_closed_meanwhile_is_opened_again() -> None:
    closed = threading.Semaphore(0)

    def answer(connection: socket.socket) -> None:
        answered(connection)
        connection.close()
        closed.release()

    with listener(answer) as port:
        wire = Wire(f"http://127.0.0.1:{port}")
        for _ in range(2):
            assert wire.exchange(GET, 5).status == 200
            closed.acquire()
        wire.close()


def test_two_answers_can_be_read_at_once() -> None:
    with Stub(lambda _: Reply(body="data: 1\n\n")) as stub:
        wire = Wire(stub.url)
        with wire.stream(GET, 5) as one, wire.stream(GET, 5) as other:
            assert one.readline() == other.readline() == b"data: 1\n"


def test_a_refusal_that_comes_before_the_body_was_read_is_heard() -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(1024)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\n{}")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 20):
            pass

    with listener(answer) as port:
        large = Request("POST", "/api/v1/connectors", {}, b"x" * (1 << 23))

        assert exchanged(f"http://127.0.0.1:{port}", large).status == 413


def test_what_breaks_off_is_unreachable() -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(1024)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}")

    with listener(answer) as port, pytest.raises(ServerUnreachableError):
        exchanged(f"http://127.0.0.1:{port}")


def test_a_proxy_is_asked_for_the_whole_address_with_its_own_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heads: list[bytes] = []
    with listener(lambda connection: heads.append(answered(connection))) as port:
        monkeypatch.setenv("http_proxy", f"http://ana:p%40ss@127.0.0.1:{port}")
        monkeypatch.setenv("no_proxy", "")
        exchanged(f"http://{NAME}/market")

    secret = b64encode(b"ana:p@ss")
    assert heads[0].startswith(b"GET http://market.example/market/api/v1/me HTTP/1.1\r\n")
    assert b"\r\nHost: market.example\r\n" in heads[0]
    assert b"\r\nProxy-Authorization: Basic " + secret in heads[0]


def test_a_server_that_is_named_as_an_exception_is_called_without_the_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Stub(lambda _: Reply(body={})) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", ".invalid")
        with pytest.raises(ServerUnreachableError):
            exchanged("http://market.invalid")

    assert proxy.asked == []


def test_a_proxy_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")

    with pytest.raises(ServerUnreachableError, match="no socks5 proxy can be used"):
        exchanged(f"http://{NAME}")


@pytest.mark.parametrize("name", [NAME, "other.example"])
def test_tls_goes_through_a_proxy_and_is_checked_against_the_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certified(tmp_path, NAME)
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(pem)
    tunnels: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        tunnels.append(answered(connection, b""))
        try:
            with ours.wrap_socket(connection, server_side=True) as inner:
                answered(inner)
        except ssl.SSLError:
            return  # the client turned away

    with listener(answer) as port:
        monkeypatch.setenv("https_proxy", f"http://ana:secret@127.0.0.1:{port}")
        monkeypatch.setenv("no_proxy", "")
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        if name == NAME:
            assert exchanged(f"https://{name}").content == b"{}"
        else:
            with pytest.raises(ServerUnreachableError, match="certificate"):
                exchanged(f"https://{name}")

    assert tunnels[0].startswith(f"CONNECT {name}:443 HTTP/1.".encode())
    assert b"Proxy-Authorization: Basic " in tunnels[0]
