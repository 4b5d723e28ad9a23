"""The connector as the platform runs it, against a server that plays Slack."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from connectory_sdk.testing import Running, running

SOURCE = Path(__file__).parents[1] / "src"


class FakeSlack(ThreadingHTTPServer):
    """Keeps what it gets; `error` is what it says in place of `ok`."""

    error = ""

    def __init__(self) -> None:
        self.received: list[dict[str, str]] = []
        super().__init__(("127.0.0.1", 0), Answering)


class Answering(BaseHTTPRequestHandler):
    server: FakeSlack

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.received.append(body)
        error = self.server.error
        answer = json.dumps({"ok": False, "error": error} if error else {"ok": True}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def connector(slack: FakeSlack) -> Iterator[Running]:
    environment = {
        "INPUT_SLACK_CHANNEL": "#alerts",
        "INPUT_SLACK_API_URL": f"http://127.0.0.1:{slack.server_port}/api/",
        "SECRET_SLACK_BOT_TOKEN": "xoxb-of-the-tests",
    }
    with running("<<module>>", SOURCE, environment) as process:
        process.wait_until_healthy()
        yield process


def test_a_message_is_posted_without_markup(connector: Running, slack: FakeSlack) -> None:
    answer = connector.post("/message", {"text": "done <!here>"})

    assert answer.json() == {"status": "posted", "channel": "#alerts"}
    assert slack.received == [{"channel": "#alerts", "text": "done &lt;!here&gt;"}]


def test_without_a_text_it_refuses(connector: Running) -> None:
    assert connector.post("/message", {}).status == 422


def test_health_says_what_slack_says(connector: Running, slack: FakeSlack) -> None:
    slack.error = "channel_not_found"

    assert connector.post("/message", {"text": "done"}).status == 503
    assert "channel_not_found" in connector.get("/healthz").text
