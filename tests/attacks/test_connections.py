"""More connections than a server should have: rows B130 and B131, against the real command."""

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from marketplaces import wait_until
from processes import MarketplaceProcess, marketplace_process

HELD = 300
SPARE = 60  # descriptors that the server has left when the attack begins
RECOVERY_S = 5
QUIET = 10  # lines of log per second
SLOW = 1000
HONEST_S = 2.0

pytestmark = pytest.mark.journey


@pytest.fixture
def served(tmp_path: Path) -> Iterator[MarketplaceProcess]:
    with marketplace_process(tmp_path / "served") as process:
        yield process.start()


def hold(served: MarketplaceProcess, held: ExitStack, count: int) -> None:
    """Open connections that send the beginning of a request and no more."""
    address = ("127.0.0.1", int(served.ready["url"].rpartition(":")[2]))
    for _ in range(count):
        connection = held.enter_context(socket.create_connection(address, timeout=10))
        connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-")


def is_ready(served: MarketplaceProcess) -> bool:
    try:
        return httpx2.get(f"{served.ready['url']}/healthz", timeout=1).status_code == 200
    except httpx2.HTTPError:
        return False


def test_b131_a_server_out_of_descriptors_stays_quiet_and_recovers(
    served: MarketplaceProcess,
) -> None:
    pid = served.process.pid
    most = len(list(Path(f"/proc/{pid}/fd").iterdir())) + SPARE
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, most))
    lines, began = served.log.read_bytes().count(b"\n"), time.monotonic()

    with ExitStack() as held:
        hold(served, held, HELD)
        is_ready(served)
        time.sleep(2)
        said = served.log.read_bytes().count(b"\n") - lines
        passed = time.monotonic() - began

    wait_until(lambda: is_ready(served), RECOVERY_S)
    assert said / passed <= QUIET
    assert served.process.poll() is None


@pytest.mark.full
def test_b130_a_thousand_slow_connections_slow_nobody_down(served: MarketplaceProcess) -> None:
    waits = []

    with ExitStack() as held:
        hold(served, held, SLOW)
        for _ in range(50):
            began = time.monotonic()
            assert is_ready(served)
            served.get("/api/v1/connectors?q=slack")
            waits.append(time.monotonic() - began)

    assert max(waits) < HONEST_S
