"""A stand-in for OPA: its REST interface and its program, answered by regorus.

Run as a program it understands `eval` as `connectory.backends.policy.opa_program` calls it.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote

import regorus

TOKEN = "opa-token"


def evaluated(
    files: Mapping[str, str], given: object, *, is_v0: bool = False
) -> dict[str, Any]:
    """Return all documents, or raise RuntimeError."""
    engine = regorus.Engine()
    engine.set_rego_v0(is_v0)
    for name, text in files.items():
        engine.add_policy(name, text)
    engine.set_input_json(json.dumps(given))
    answer = json.loads(engine.eval_query_as_json("data"))
    return dict(answer["result"][0]["expressions"][0]["value"])


class _Handler(BaseHTTPRequestHandler):
    server: "Opa"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer(200, {"result": [{"id": name} for name in self.server.files]})

    def do_PUT(self) -> None:
        name = unquote(self.path.removeprefix("/v1/policies/"))
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        try:
            evaluated({name: text}, {}, is_v0=self.server.is_v0)
        except RuntimeError as fault:
            self._answer(400, {"errors": [{"message": str(fault).split("\n")[0]}]})
            return
        self.server.files[name] = text
        self._answer(200, {})

    def do_DELETE(self) -> None:
        name = unquote(self.path.removeprefix("/v1/policies/"))
        self._answer(200 if self.server.files.pop(name, None) else 404, {})

    def do_POST(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
        try:
            found = evaluated(self.server.files, given, is_v0=self.server.is_v0)
        except RuntimeError as fault:
            self._answer(500, {"message": str(fault).split("\n")[0]})
            return
        self._answer(200, {"result": found})

    def _answer(self, status: int, body: object) -> None:
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            status, body = 401, {"message": "request rejected"}
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())


class Opa(ThreadingHTTPServer):
    """The stand-in; `files` are the policies on it."""

    def __init__(self, *, is_v0: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, str] = {}
        self.is_v0 = is_v0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def opa_server(*, is_v0: bool = True) -> Iterator[Opa]:
    """Run the stand-in for the length of the block; v0 as with `--v0-compatible`."""
    with Opa(is_v0=is_v0) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def program(folder: Path) -> Path:
    """Write the stand-in as a program and return where it is."""
    path = folder / "opa"
    path.write_text(f'#!/bin/sh\nexec {sys.executable} {__file__} "$@"\n')
    path.chmod(0o755)
    return path


def main() -> None:
    """Answer `opa eval`."""
    folder = Path(sys.argv[sys.argv.index("--data") + 1])
    files = {one.name: one.read_text() for one in folder.glob("*.rego")}
    try:
        found = evaluated(files, json.load(sys.stdin), is_v0="--v0-compatible" in sys.argv)
        answer: object = {"result": [{"expressions": [{"value": found}]}]}
    except RuntimeError as fault:
        code = "rego_parse_error" if "keyword is required" in str(fault) else "eval_error"
        answer = {"errors": [{"message": str(fault)[:200], "code": code}]}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
