import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from certificates import certified
from connectory.gates.http import (
    OutboundFailedError,
    OutboundTooLargeError,
    Policy,
    UrlNotAllowedError,
    fetch,
)

HERE = Policy(loopback=True, resolve=lambda _host, _port: ["127.0.0.1"])


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        seen = {
            "method": self.command,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": self.rfile.read(length).decode(),
        }
        body = json.dumps(seen).encode()
        self.send_response(418)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Twice", "one")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def test_the_answer_is_given_as_it_is_whatever_its_status(server: ThreadingHTTPServer) -> None:
    url = f"http://hook.example:{server.server_port}/a/b?c=d%20e#f"

    fetched = fetch("POST", url, headers={"X-Mine": "yes"}, body=b"hello", policy=HERE)

    seen = json.loads(fetched.body)
    assert (fetched.status, fetched.headers["x-twice"]) == (418, "one")
    assert (seen["method"], seen["path"], seen["body"]) == ("POST", "/a/b?c=d%20e", "hello")
    assert seen["headers"]["x-mine"] == "yes"


def test_the_name_stays_in_the_host_header_and_cannot_be_replaced(
    server: ThreadingHTTPServer,
) -> None:
    url = f"http://Hook.Example.:{server.server_port}/"

    fetched = fetch("GET", url, headers={"Host": "other.example"}, policy=HERE)

    assert json.loads(fetched.body)["headers"]["host"] == f"hook.example:{server.server_port}"


def test_tls_is_checked_against_the_name_that_was_asked_for(
    server: ThreadingHTTPServer, tmp_path: Path
) -> None:
    pem = certified(tmp_path, "hook.example")
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(pem)
    server.socket = ours.wrap_socket(server.socket, server_side=True)
    trusting = ssl.create_default_context(cafile=str(pem))
    policy = Policy(loopback=True, resolve=HERE.resolve, tls=trusting)

    good = fetch("GET", f"https://hook.example:{server.server_port}/", policy=policy)

    assert good.status == 418
    with pytest.raises(OutboundFailedError, match="certificate"):
        fetch("GET", f"https://other.example:{server.server_port}/", policy=policy)
    with pytest.raises(OutboundFailedError, match="certificate"):
        fetch("GET", f"https://hook.example:{server.server_port}/", policy=HERE)


def test_proxies_of_the_environment_are_ignored(
    server: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert fetch("GET", f"http://127.0.0.1:{server.server_port}/", policy=HERE).status == 418


def test_the_next_address_is_tried_when_one_does_not_answer(
    server: ThreadingHTTPServer,
) -> None:
    policy = Policy(loopback=True, resolve=lambda _host, _port: ["127.0.0.2", "127.0.0.1"])

    fetched = fetch("GET", f"http://hook.example:{server.server_port}/", policy=policy)

    assert fetched.address == "127.0.0.1"


def test_only_named_hosts_are_asked_if_any_are_named(server: ThreadingHTTPServer) -> None:
    policy = Policy(hosts=frozenset({"hook.example"}), loopback=True, resolve=HERE.resolve)

    assert (
        fetch("GET", f"http://hook.example:{server.server_port}/", policy=policy).status == 418
    )
    with pytest.raises(UrlNotAllowedError, match=r"evil\.hook\.example"):
        fetch("GET", f"http://evil.hook.example:{server.server_port}/", policy=policy)


def test_a_private_address_is_asked_if_its_name_was_set_and_by_tls_alone() -> None:
    policy = Policy(private=frozenset({"login.example"}), resolve=HERE.resolve)

    with pytest.raises(OutboundFailedError):  # nobody listens there
        fetch("GET", "https://login.example:1/", policy=policy)
    with pytest.raises(UrlNotAllowedError, match="not public"):
        fetch("GET", "https://other.example:1/", policy=policy)
    with pytest.raises(UrlNotAllowedError, match="not https"):
        fetch("GET", "http://login.example:1/", policy=policy)


def test_an_answer_of_just_the_limit_is_read(server: ThreadingHTTPServer) -> None:
    url = f"http://127.0.0.1:{server.server_port}/"
    size = len(fetch("GET", url, policy=HERE).body)

    assert len(fetch("GET", url, policy=Policy(loopback=True, max_bytes=size)).body) == size
    with pytest.raises(OutboundTooLargeError, match=f"{size - 1} bytes"):
        fetch("GET", url, policy=Policy(loopback=True, max_bytes=size - 1))


def test_nobody_listening_is_said_without_a_trace() -> None:
    with pytest.raises(OutboundFailedError, match=r"127\.0\.0\.1 failed"):
        fetch("GET", "http://127.0.0.1:1/", policy=HERE)


@pytest.mark.parametrize("host", ["no.such.invalid", "a..b.example", "x" * 200 + ".example"])
def test_a_name_that_cannot_be_resolved_is_said(host: str) -> None:
    with pytest.raises(OutboundFailedError, match="resolved"):
        fetch("GET", f"https://{host}/")


def test_a_name_without_addresses_is_said() -> None:
    with pytest.raises(OutboundFailedError, match="no address"):
        fetch("GET", "https://hook.example/", policy=Policy(resolve=lambda _host, _port: []))
