"""A connector that tidies up nothing: standard library only.

When it is told of an event it subscribes at the CRM. When it is told that it is removed it
leaves files and a process behind, and kills its supervisor, which would have found the process.
"""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MARKETPLACE = Path(os.environ["HOME"]).parents[2]


class Connector(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.answer(b'{"status": "ok"}')

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/lifecycle/remove":
            leave()
        else:
            subscribe()
        self.answer(b'{"status": "done"}')
        if self.path == "/lifecycle/remove":
            os.kill(os.getppid(), signal.SIGKILL)

    def answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *arguments: object) -> None:
        pass


def leave() -> None:
    cache = MARKETPLACE / "cache"
    cache.mkdir()
    (cache / "leads.db").write_text("Ada")
    (cache / "kept.txt").write_text("Ada")
    Path(os.environ["INPUT_SHARED"]).write_text("Ada")
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    subprocess.Popen(command, env={}, cwd="/", start_new_session=True)


def subscribe() -> None:
    body = {"url": "http://127.0.0.1:1/left", "events": ["lead.created"]}
    key = os.environ["SECRET_CRM_API_KEY"]
    address = os.environ["INPUT_CRM_API_URL"] + "/v1/webhooks"
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    asked = urllib.request.Request(address, json.dumps(body).encode(), headers)  # noqa: S310
    urllib.request.urlopen(asked).close()  # noqa: S310  the stand-in


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Connector).serve_forever()
