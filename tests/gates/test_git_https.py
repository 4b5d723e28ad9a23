"""Repositories behind HTTPS: a real server of Git with a certificate of its own."""

import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from certificates import certified
from connectory.gates import git
from connectory.gates.git import Remote, RepositoryUnreachableError, Rules
from connectory.gates.http import Policy
from connectory.kernel.secret import Secret
from repositories import made

NAME = "git.test.example"
BACKEND = Path(subprocess.check_output(["git", "--exec-path"], text=True).strip())


@dataclass
class Host:
    """What the server serves, and what it was asked."""

    folder: Path
    port: int = 0
    redirects: bool = False
    seen: list[tuple[str, str]] = field(default_factory=list)  # path, authorization

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.port}/market"


class Handler(BaseHTTPRequestHandler):
    """Answers as a host of repositories does: by the program that Git has for it."""

    host: Host
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        self.host.seen.append((self.path, self.headers.get("Authorization", "")))
        if self.host.redirects:
            self.send_response(302)
            self.send_header("Content-Length", "0")
            self.send_header("Location", f"https://{NAME}:{self.host.port}/other{path}?{query}")
            self.end_headers()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        heads, _, content = self._answer(path, query, body).partition(b"\r\n\r\n")
        self.send_response(200)
        for line in heads.decode().splitlines():
            self.send_header(*line.split(": ", 1))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815  as the server calls it

    def _answer(self, path: str, query: str, body: bytes) -> bytes:
        told = {
            "GIT_PROJECT_ROOT": str(self.host.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "PATH": os.environ["PATH"],
        }
        program = BACKEND / "git-http-backend"
        return subprocess.run([program], input=body, env=told, stdout=-1, check=True).stdout

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """A server with one repository."""
    made(tmp_path / "served/market").commit({"connectors/a/x": b"1"})
    host = Host(tmp_path / "served")
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"host": host}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certified(tmp_path, NAME))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    host.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield host
    server.shutdown()
    thread.join()
    server.server_close()


def rules(tmp_path: Path, **more: object) -> Rules:
    """Rules for a private host whose name no resolver knows but the one of the test."""
    policy = Policy(private=frozenset({NAME}), resolve=lambda *_: ["127.0.0.1"])
    return Rules(policy=policy, authority=tmp_path / f"{NAME}.pem", **more)


def test_git_goes_to_the_checked_address_with_the_token_that_it_is_handed(
    host: Host, tmp_path: Path
) -> None:
    remote = Remote(host.url, "main", Secret("s3cret"))

    with git.fetched(remote, tmp_path, rules(tmp_path)) as found:
        read = found.contents(found.files(""), 100)

    assert read == {"connectors/a/x": b"1"}
    assert {sent for _, sent in host.seen} == {"Basic eC1hY2Nlc3MtdG9rZW46czNjcmV0"}


def test_without_a_token_none_is_sent(host: Host, tmp_path: Path) -> None:
    with git.fetched(Remote(host.url, "main"), tmp_path, rules(tmp_path)):
        pass

    assert {sent for _, sent in host.seen} == {""}


def test_a_redirect_is_not_followed(host: Host, tmp_path: Path) -> None:
    host.redirects = True

    with (
        pytest.raises(RepositoryUnreachableError),
        git.fetched(Remote(host.url, "main", Secret("s3cret")), tmp_path, rules(tmp_path)),
    ):
        pass

    assert len(host.seen) == 1


def test_a_certificate_that_nobody_trusts_ends_the_fetch(host: Host, tmp_path: Path) -> None:
    policy = rules(tmp_path).policy

    with (
        pytest.raises(RepositoryUnreachableError, match="certificate"),
        git.fetched(Remote(host.url, "main"), tmp_path, Rules(policy=policy)),
    ):
        pass

    assert host.seen == []
