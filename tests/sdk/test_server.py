"""The runtime contract, seen from outside the process."""

import contextlib
import http.client
import json
import resource
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectory_sdk.testing import Running, running

SOURCE = """
import time
from connectory_sdk import App, counter, log, secret

app = App(deadline_s=5, body_limit=1000)
token = secret("token")
count = counter("starts_total", "Starts.")

@app.on_start
def start():
    count.inc()
    if count.value() < 2:
        raise RuntimeError(f"no luck with {token.reveal()}")

@app.webhook("/slow")
def slow(event):
    log.info("begun")
    print("not a log line", flush=True)
    time.sleep(event.field("seconds", float))
    return {"slept": True}

@app.webhook("/which")
def which(event):
    return [event.run, event.attempt]

@app.manual
def run(event):
    return event.body

app.serve()
"""
ENVIRONMENT = {"SECRET_TOKEN": "not-for-the-log"}


@pytest.fixture
def connector(tmp_path: Path) -> Iterator[Running]:
    (tmp_path / "example.py").write_text(SOURCE)
    with running("example", tmp_path, ENVIRONMENT) as connector:
        yield connector


def test_it_is_unhealthy_with_the_reason_until_its_start_succeeded(connector: Running) -> None:
    connector.wait_for_log("start failed")

    failing = connector.get("/healthz")
    connector.wait_until_healthy()

    assert failing.status == 503
    assert failing.json()["reasons"] == ["start: no luck with ***"]
    assert "not-for-the-log" not in str(connector.logs)
    assert "starts_total 2\n" in connector.get("/metrics").text


def test_a_handler_is_told_which_run_and_attempt_it_is(connector: Running) -> None:
    def asked(**headers: str) -> object:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        server = http.client.HTTPConnection("127.0.0.1", connector.port, timeout=10)
        with contextlib.closing(server):
            server.request("POST", "/which", b"{}", named)
            return json.loads(server.getresponse().read())

    assert asked(Connectory_Run="run_1", Connectory_Attempt="3") == ["run_1", 3]
    assert asked(Connectory_Run="run_1", Connectory_Attempt="x") == ["run_1", 1]
    assert asked() == ["", 1]


def test_it_answers_a_post_with_what_the_handler_returns(connector: Running) -> None:
    answer = connector.post("/run?x=1", {"a": "ü"})

    assert answer.status == 200
    assert answer.headers["Connection"] == "close"
    assert answer.json() == {"a": "ü"}


def test_sigterm_lets_a_request_finish_and_exits_with_0(connector: Running) -> None:
    answers: list[int] = []
    call = threading.Thread(
        target=lambda: answers.append(connector.post("/slow", {"seconds": 0.5}).status)
    )
    call.start()
    connector.wait_for_log("begun")

    code = connector.stop()
    call.join()

    assert code == 0
    assert answers == [200]
    assert connector.logs[-1]["msg"] == "stopped"


def test_sigterm_does_not_wait_for_ever(connector: Running) -> None:
    with contextlib.closing(socket.create_connection(("127.0.0.1", connector.port))) as idle:
        idle.sendall(b"POST /run HTTP/1.1\r\nContent-Length: 10\r\n\r\n")
        time.sleep(0.1)
        started = time.monotonic()

        code = connector.stop()

    assert code == 0
    assert 4 < time.monotonic() - started < 7


@pytest.mark.parametrize("size", [1001, 3_000_000])
def test_a_body_above_the_limit_is_answered_with_413(connector: Running, size: int) -> None:
    answer = connector.post("/run", b"x" * size)

    assert answer.status == 413
    assert answer.json()["message"] == "the body may have 1000 bytes"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("Transfer-Encoding: chunked", 411),
        ("Content-Length: -1", 400),
        ("Content-Length: +5", 400),
        ("Content-Length: 1\r\nContent-Length: 2", 400),
        ("Content-Length: 99999999999999999999", 400),
        ("X: " + "x" * 70_000, 431),
    ],
)
def test_a_request_that_cannot_be_read_is_refused(
    connector: Running, head: str, status: int
) -> None:
    with contextlib.closing(socket.create_connection(("127.0.0.1", connector.port))) as raw:
        raw.sendall(f"POST /run HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode())
        answer = http.client.HTTPResponse(raw)
        answer.begin()

        assert answer.status == status
        assert answer.headers["Content-Type"] == "application/json"


def test_an_unknown_method_is_refused_as_json(connector: Running) -> None:
    answer = connector.request("BREW", "/run")

    assert answer.status == 501
    assert answer.json()["error"] == "not-implemented"


def test_a_head_request_gets_no_body(connector: Running) -> None:
    answer = connector.request("HEAD", "/healthz")

    assert answer.status == 405
    assert answer.text == ""


def test_health_is_answered_while_idle_connections_wait(connector: Running) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(30):
            stack.enter_context(socket.create_connection(("127.0.0.1", connector.port)))

        assert connector.get("/healthz").status in {200, 503}


def test_a_missing_secret_ends_the_process_with_a_log_line(tmp_path: Path) -> None:
    (tmp_path / "example.py").write_text(SOURCE)

    with (
        pytest.raises(TimeoutError, match="secret token is not set"),
        running("example", tmp_path, {}),
    ):
        pass


def test_starting_and_stopping_costs_little(tmp_path: Path) -> None:
    (tmp_path / "example.py").write_text(SOURCE)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    with running("example", tmp_path, ENVIRONMENT):
        pass

    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert spent < 0.3  # CPU seconds; 0.08 on an idle machine
