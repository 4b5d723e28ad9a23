"""A connector that runs on this machine for one event, and what plays its systems."""

import contextlib
import http.client
import json
import os
import secrets
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import ClassVar

from connectory.cli import environment
from connectory.cli.bundle import Source
from connectory.gates import process
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.scaffold.files import write
from connectory.scaffold.layout import LOCK, SOURCES, WHEELS

LOOPBACK = "127.0.0.1"
READY_S = 20.0  # from the start to the first healthy answer
INSTALL_S = 120.0
PAUSE_S = 0.05
SHOWN = 500  # characters of what a failed program said


class ConnectorNotReadyError(ConnectoryError):
    """A connector that was started on this machine ended, or did not become healthy."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "connector-not-ready"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the connector did not become healthy: {reason}",
            hint="read its log above; settings come from --set, secrets from --secret",
        )


class WheelsNotInstalledError(ConnectoryError):
    """The wheels of a connector cannot be installed with this Python."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "wheels-not-installed"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the wheels of {LOCK} cannot be installed: {reason}",
            hint="pack it with the Python and on the kind of machine that it is to run on",
        )


@dataclass(frozen=True, slots=True)
class Played:
    """Inputs and secrets that lead to the stand-ins, by name."""

    inputs: Mapping[str, str]
    secrets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the connector answered."""

    status: int
    output: object

    @property
    def is_good(self) -> bool:
        """Whether it did what was asked."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


class Connector:
    """A running connector. Its log is in a file."""

    def __init__(self, port: int, log: Path, ended: Callable[[], int | None]) -> None:
        self._port = port
        self._log = log
        self._ended = ended

    def wait_until_healthy(self) -> None:
        """Ask for its health until that is good.

        Raises:
            ConnectorNotReadyError: If it ends, or takes longer than `READY_S`.
        """
        until = time.monotonic() + READY_S
        reason = "it does not listen on $PORT"
        while time.monotonic() < until:
            if (code := self._ended()) is not None:
                raise ConnectorNotReadyError(f"it ended with exit code {code}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                answer = self.send("GET", "/healthz")
                if answer.status == HTTPStatus.OK:
                    return
                reason = json.dumps(answer.output)
            time.sleep(PAUSE_S)
        raise ConnectorNotReadyError(reason)

    def send(self, method: str, path: str, body: object = None) -> Answer:
        """Send one request and return what came back; JSON is parsed.

        Raises:
            OSError: If nothing answers.
            http.client.HTTPException: If what answers is no HTTP.
        """
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=60)
        with contextlib.closing(connection):
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"Content-Type": "application/json"})
            got = connection.getresponse()
            text = got.read().decode("utf-8", "replace")
        try:
            return Answer(got.status, json.loads(text))
        except ValueError:
            return Answer(got.status, text)

    def log(self) -> list[dict[str, object]]:
        """Return its log lines; what is no JSON object is a message."""
        return [_parsed(line) for line in self._log.read_text("utf-8", "replace").splitlines()]


@contextlib.contextmanager
def connector(
    source: Source, module: str, place: Path, given: Mapping[str, str]
) -> Iterator[Connector]:
    """Run a connector from its folder, with its wheels as the platform would install them.

    Args:
        source: Its folder, completed.
        module: The module to start.
        place: An empty folder for what it needs besides.
        given: Settings, secrets and facts, by variable.

    Raises:
        WheelsNotInstalledError: If its wheels do not fit.
    """
    sites = [str((source.path / SOURCES).absolute()), *_installed(source, place)]
    with socket.create_server((LOOPBACK, 0)) as free:
        port = int(free.getsockname()[1])
    variables = {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": str(place),
        "TMPDIR": str(place),
        "PYTHONPATH": os.pathsep.join(sites),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PORT": str(port),
        "CONNECTORY_HOOK_URL": f"http://{LOOPBACK}:{port}",  # triggers without the platform
        "CONNECTORY_HOOK_KEY": secrets.token_hex(16),
        **given,
    }
    log = place / "connector.log"
    argv = [sys.executable, "-m", module]
    with (
        log.open("wb") as output,
        process.beside(argv, cwd=source.path, environment=variables, output=output) as ended,
    ):
        yield Connector(port, log, ended)


@contextlib.contextmanager
def standins(place: Path) -> Iterator[Played]:
    """Run the servers that play Slack, a CRM, PagerDuty and AWS, and say how to reach them.

    Raises:
        ConnectorNotReadyError: If they do not start.
    """
    said = place / "standins.log"
    argv = [sys.executable, "-m", "connectory.standins", "all"]
    variables = environment.handed_on()
    with (
        said.open("wb") as output,
        process.beside(argv, cwd=place, environment=variables, output=output) as ended,
    ):
        until = time.monotonic() + READY_S
        while not said.read_bytes().endswith(b"\n"):
            if ended() is not None or time.monotonic() > until:
                raise ConnectorNotReadyError("the stand-ins do not start")
            time.sleep(PAUSE_S)
        found = json.loads(said.read_bytes())
        yield Played(found["inputs"], found["secrets"])


def _installed(source: Source, place: Path) -> list[str]:
    """Install the wheels of the lock into a folder of their own, if there is a lock."""
    import uv  # noqa: PLC0415  not for other commands

    files = source.files or {}
    if LOCK not in files:
        return []
    write({n: c for n, c in files.items() if n == LOCK or n.startswith(f"{WHEELS}/")}, place)
    only_these = ("--offline", "--no-index", "--find-links", WHEELS, "--only-binary", ":all:")
    exactly = ("--no-config", "--require-hashes", "--requirements", LOCK)
    where = ("--quiet", "--python", sys.executable, "--target", "site")
    done = process.run(
        [uv.find_uv_bin(), "pip", "install", *only_these, *exactly, *where],
        cwd=place,
        environment=environment.handed_on(),
        timeout_s=INSTALL_S,
    )
    if done.returncode:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())
        raise WheelsNotInstalledError(said[-SHOWN:])
    return [str(place / "site")]


def _parsed(line: str) -> dict[str, object]:
    try:
        content = json.loads(line)
    except ValueError:
        content = None
    return content if isinstance(content, dict) else {"msg": line}
