"""The same code as a Lambda function: AWS' own runtime client against a Runtime API of ours."""

import json
import os
import queue
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

INVOCATION = "/2018-06-01/runtime/invocation"
ANSWER_S = 20
OF_AN_EVENT = {  # all of them: the client ends with a fault when one is missing
    "Content-Type": "application/json",
    "Lambda-Runtime-Aws-Request-Id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
    "Lambda-Runtime-Client-Context": "{}",
    "Lambda-Runtime-Cognito-Identity": "{}",
    "Lambda-Runtime-Deadline-Ms": "4102444800000",
    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:f",
    "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700",
}
ALERT = {"summary": "disk full", "source": "db-1", "component": "disk"}


@dataclass
class RuntimeApi:
    """What Lambda offers inside a function: the next event, and where its answer goes."""

    events: queue.Queue = field(default_factory=queue.Queue)
    answers: queue.Queue = field(default_factory=queue.Queue)

    def invoke(self, event: object) -> tuple[str, object]:
        """Return `response` or `error`, and what came with it."""
        self.events.put(event)
        return self.answers.get(timeout=ANSWER_S)


@pytest.fixture
def runtime() -> Iterator[tuple[RuntimeApi, str]]:
    api = RuntimeApi()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            event = api.events.get()
            self.send_response(200)
            for name, value in OF_AN_EVENT.items():
                self.send_header(name, value)
            self._body(json.dumps(event).encode())

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            api.answers.put((self.path.rpartition("/")[2], json.loads(content)))
            self.send_response(202)
            self._body(b"{}")

        def _body(self, content: bytes) -> None:
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield api, f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def function(runtime, starters: Path, environment: dict[str, str]) -> Iterator[RuntimeApi]:
    """Give `pagerduty-notify` as Lambda runs it: no server, no home, events only."""
    api, address = runtime
    sources = (starters / "pagerduty-notify/src", starters.parent / "sdk/src")
    process = subprocess.Popen(
        [sys.executable, "-m", "awslambdaric", "pagerduty_notify.awslambda.handler"],
        env={
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join(map(str, sources)),
            "AWS_LAMBDA_RUNTIME_API": address,
            "AWS_LAMBDA_FUNCTION_NAME": "pagerduty-notify",
            **environment,
        },
    )
    yield api
    process.kill()
    process.wait()


def url_call(body: object, key: str) -> dict[str, object]:
    return {
        "version": "2.0",
        "rawPath": "/alert",
        "queryStringParameters": {"key": key},
        "requestContext": {"http": {"method": "POST"}},
        "body": json.dumps(body),
    }


def test_pagerduty_notify_works_as_a_lambda_function(function: RuntimeApi, ask) -> None:
    kind, called = function.invoke(url_call(ALERT, "key-of-the-hook"))
    _, refused = function.invoke(url_call(ALERT, "wrong"))
    _, by_hand = function.invoke({**ALERT, "action": "resolve"})
    failed, error = function.invoke({"severity": "loud"})

    assert (kind, called["statusCode"], refused["statusCode"]) == ("response", 200, 403)
    assert by_hand["dedup_keys"] == json.loads(called["body"])["dedup_keys"]
    assert (failed, error["errorType"]) == ("error", "FailedRunError")
    assert list(ask("pagerduty", "GET", "/_alerts").values()) == ["resolved"]
