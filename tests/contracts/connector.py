"""A connector for the tests of targets: standard library only, misbehaves on demand."""

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BIG = 2_000_000  # bytes
ENVIRONMENT = os.environ


class Connector(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/healthz":
            self.answer(200, b'{"status": "ok"}')
        elif self.path == "/environment":
            self.answer(200, json.dumps(dict(ENVIRONMENT)).encode())
        elif self.path == "/big":
            self.answer(200, b"x" * BIG)
        elif self.path == "/drip":
            self.drip()
        else:
            self.answer(404, self.path.encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/crash":
            os._exit(3)
        if self.path == "/print":
            sys.stdout.buffer.write(body)
            sys.stdout.flush()
        self.answer(201, body)

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.1)

    def log_message(self, *arguments: object) -> None:
        pass


def main() -> None:
    if "INPUT_BROKEN" in ENVIRONMENT:
        sys.exit("it cannot work")
    server = ThreadingHTTPServer(("127.0.0.1", int(ENVIRONMENT["PORT"])), Connector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
