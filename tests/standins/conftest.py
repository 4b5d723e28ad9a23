import http.client
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from connectory.standins import CRM_API_KEY, StandIns, run_all

Ask = Callable[..., tuple[int, dict[str, str], object]]


@pytest.fixture
def standins(tmp_path: Path) -> Iterator[StandIns]:
    running = run_all(tmp_path / "standins", {"slack": 0, "crm": 0})
    yield running
    running.stop()


@pytest.fixture
def ask() -> Ask:
    """Send one request with a JSON body; return status, headers and parsed JSON."""

    def send(
        method: str, url: str, body: object = None, **headers: str
    ) -> tuple[int, dict[str, str], object]:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, None if body is None else raw, named)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, dict(answer.headers), json.loads(text) if text else None

    return send


@pytest.fixture
def crm(standins: StandIns, ask: Ask) -> Ask:
    """Send one request to the CRM with its key."""

    def send(method: str, path: str, body: object = None) -> tuple[int, dict[str, str], object]:
        url = standins.urls["crm"] + path
        return ask(method, url, body, Authorization=f"Bearer {CRM_API_KEY}")

    return send
