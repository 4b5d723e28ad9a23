"""A tiny HTTP server that answers as a test says: for what a good server never does."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass(frozen=True)
class Asked:
    """A request that came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What to answer; `wait_s` seconds late, or as soon as the stub closes."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    wait_s: float = 0


class Stub:
    """Serves on a free port for the length of a block and keeps what was asked."""

    def __init__(self, answer: Callable[[Asked], Reply]) -> None:
        self.asked: list[Asked] = []
        self._closing = threading.Event()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                size = int(self.headers.get("Content-Length", 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, self.path, headers, self.rfile.read(size))
                stub.asked.append(asked)
                reply = answer(asked)
                stub._closing.wait(reply.wait_s)
                self.send_response(reply.status)
                for name, value in {**content_type(reply), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(encoded(reply.body))

            do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815  as http.server calls them

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def content_type(reply: Reply) -> dict[str, str]:
    kind = "text/event-stream" if isinstance(reply.body, str) else "application/json"
    return {"Content-Type": kind}


def encoded(body: object) -> bytes:
    if isinstance(body, bytes | str):
        return body if isinstance(body, bytes) else body.encode()
    return json.dumps(body).encode()
