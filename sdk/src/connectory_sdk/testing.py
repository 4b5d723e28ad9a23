"""Runs a connector as the platform does, so that its tests see what will happen.

    with running("slack_alerts", source, {"INPUT_SLACK_CHANNEL": "#ops"}) as connector:
        connector.wait_until_healthy()
        answer = connector.post("/alert", {"text": "disk full"})

It is for tests only; a connector does not import it.
"""

import contextlib
import http.client
import json
import os
import subprocess  # noqa: TID251  a process of its own is the contract that is tested
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

START_S = 10.0  # until it listens
STOP_S = 10.0  # until it must have ended after SIGTERM
TIMEOUT_S = 60.0  # of one request


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer of the connector."""

    status: int
    headers: Mapping[str, str]
    text: str

    def json(self) -> dict[str, object]:
        """Return the body as a JSON object."""
        content = json.loads(self.text)
        if not isinstance(content, dict):
            raise TypeError(f"not a JSON object: {self.text}")
        return content


class Running:
    """A connector process that listens."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._changed = threading.Condition()
        self._ended = False
        self.logs: list[dict[str, object]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port = int(str(self.wait_for_log("listening", START_S)["port"]))

    def get(self, path: str) -> Answer:
        """Send a GET request."""
        return self.request("GET", path)

    def post(self, path: str, body: object = None) -> Answer:
        """Send a POST request with a JSON body; bytes are sent as they are."""
        raw = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        return self.request("POST", path, raw)

    def request(self, method: str, path: str, body: bytes = b"") -> Answer:
        """Send one HTTP request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        with contextlib.closing(connection):
            connection.request(method, path, body or None)
            got = connection.getresponse()
            return Answer(got.status, dict(got.headers), got.read().decode())

    def wait_until_healthy(self, within_s: float = START_S) -> None:
        """Wait for the first healthy answer.

        Raises:
            TimeoutError: If none comes; the message holds the last one.
        """
        until = time.monotonic() + within_s
        answer = self.get("/healthz")
        while answer.status != http.HTTPStatus.OK:
            if time.monotonic() > until:
                raise TimeoutError(f"not healthy: {answer.text}")
            time.sleep(0.02)
            answer = self.get("/healthz")

    def wait_for_log(self, msg: str, within_s: float = START_S) -> dict[str, object]:
        """Wait for a log line with this message and return it.

        Raises:
            TimeoutError: If none comes; the message holds the log.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._find(msg) or self._ended, within_s)
            line = self._find(msg)
        if line is None:
            raise TimeoutError(f"no log line {msg!r} in {self.logs}")
        return line

    def stop(self) -> int:
        """Send SIGTERM, wait for the end, and return the exit code."""
        self._process.terminate()
        return self.wait(STOP_S)

    def terminate(self) -> None:
        """Send SIGTERM and do not wait."""
        self._process.terminate()

    def wait(self, within_s: float) -> int:
        """Wait for the end and return the exit code; kills what does not end in time."""
        try:
            code = self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._reader.join()
        return code

    def _find(self, msg: str) -> dict[str, object] | None:
        return next((line for line in self.logs if line.get("msg") == msg), None)

    def _read(self) -> None:
        out = self._process.stdout
        if out is None:
            raise ValueError("the process must be started with its stdout as a pipe")
        with out:
            for line in out:
                with self._changed:
                    self.logs.append(_parsed(line))
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


def _parsed(line: bytes) -> dict[str, object]:
    """Return a log line; what is none, such as the output of `print`, becomes its message."""
    try:
        content = json.loads(line)
    except ValueError:
        content = None
    return content if isinstance(content, dict) else {"msg": line.decode(errors="replace")}


@contextlib.contextmanager
def running(module: str, source: Path, environment: Mapping[str, str]) -> Iterator[Running]:
    """Run `python -m module` from `source`, with this environment and nothing inherited.

    Args:
        module: The entrypoint of the manifest.
        source: The directory that holds the module.
        environment: Settings and secrets, as the platform would hand them over.

    Raises:
        TimeoutError: If it does not listen in time; the message holds its log.
    """
    sdk = Path(__file__).parent.parent
    process = subprocess.Popen(  # noqa: S603  this interpreter, a module of the caller
        [sys.executable, "-m", module],
        env={
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join((str(source), str(sdk))),
            "PORT": "0",
            **environment,
        },
        stdout=subprocess.PIPE,
    )
    connector = None
    try:
        connector = Running(process)
        yield connector
    finally:
        process.terminate()
        if connector is None:
            process.wait(STOP_S)
        else:
            connector.wait(STOP_S)
