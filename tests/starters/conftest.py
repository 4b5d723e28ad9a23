"""Start the stand-ins, and give the connectors what the platform would give them."""

import http.client
import json
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from connectory.standins import SECRETS, StandIns, run_all

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "sdk/src"))


@pytest.fixture(scope="session")
def starters() -> Path:
    return ROOT / "starters"


@pytest.fixture
def standins(tmp_path: Path) -> Iterator[StandIns]:
    running = run_all(tmp_path / "standins", {})
    yield running
    running.stop()


@pytest.fixture
def environment(standins: StandIns) -> dict[str, str]:
    """What the platform would hand to an instance whose team uses the stand-ins."""
    inputs = {"slack_channel": "#leads", **standins.inputs}
    return {
        "CONNECTORY_INSTANCE": "payments/leads",
        "CONNECTORY_HOOK_URL": "http://127.0.0.1:9/hooks/payments/leads",
        "CONNECTORY_HOOK_KEY": "key-of-the-hook",
        **{f"INPUT_{name.upper()}": value for name, value in inputs.items()},
        **{f"SECRET_{name.upper()}": value for name, value in SECRETS.items()},
    }


@pytest.fixture
def ask(standins: StandIns) -> Callable[..., object]:
    """Send a JSON request to a stand-in, with its key; return the parsed answer."""

    def send(name: str, method: str, path: str, body: object = None) -> object:
        connection = http.client.HTTPConnection(
            urlsplit(standins.urls[name]).netloc, timeout=10
        )
        key = {"Authorization": f"Bearer {SECRETS['crm_api_key']}"}
        connection.request(method, path, json.dumps(body or {}), key)
        text = connection.getresponse().read()
        connection.close()
        return json.loads(text) if text else None

    return send


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]
