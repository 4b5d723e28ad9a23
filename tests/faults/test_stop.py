"""SIGTERM under load: row R10 of the threat model.

Nothing that was accepted is dropped. A client sees answers, and then that it cannot connect.
"""

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

from marketplaces import wait_until
from processes import MarketplaceProcess, marketplace_process

pytestmark = pytest.mark.journey
LONG = (pytest.mark.full, pytest.mark.timeout(3600))

CLIENTS = 4
BEFORE = 40  # answers before the end is asked for
EXIT_S = 10
AT_ONCE_S = 5  # background work may finish its turn; an unfinished request would take 8 s
HALF = (
    b"POST /api/v1/teams HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"
    b"Content-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"
)


@dataclass
class Asking:
    """Clients that ask, each on a new connection, until nobody takes it."""

    served: MarketplaceProcess
    answers: list[int] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)

    def start(self, round_: int) -> list[threading.Thread]:
        threads = [
            threading.Thread(target=self._ask, args=(f"team-{round_}-{number}",))
            for number in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        return threads

    def _ask(self, team: str) -> None:
        headers = {"Authorization": f"Bearer {self.served.token}"}
        number = 0
        while True:
            slug = f"{team}-{number}"
            try:
                answer = httpx2.post(
                    f"{self.served.ready['url']}/api/v1/teams",
                    json={"slug": slug, "title": slug},
                    headers=headers,
                    timeout=30,
                )
            except httpx2.ConnectError:
                return
            except httpx2.TransportError as failure:
                self.broken.append(f"{slug}: {failure!r}")
                return
            self.answers.append(answer.status_code)
            self.teams.append(slug)
            number += 1


@pytest.fixture
def served(tmp_path: Path) -> Iterator[MarketplaceProcess]:
    with marketplace_process(tmp_path / "machine") as process:
        yield process


@pytest.mark.parametrize("times", [2, pytest.param(50, marks=LONG)])
def test_a_server_that_is_told_to_stop_drops_nothing_that_it_accepted(
    served: MarketplaceProcess, times: int
) -> None:
    for number in range(times):
        served.start(rate_write_per_minute="0")
        asking = Asking(served)
        threads = asking.start(number)
        wait_until(lambda found=asking: len(found.answers) >= BEFORE, 60)

        began = time.monotonic()
        code = served.stop()

        assert (code, time.monotonic() - began < EXIT_S) == (0, True)
        for thread in threads:
            thread.join(30)
        assert asking.broken == []
        assert set(asking.answers) == {201}
        kept = {slug for (slug,) in served.query("SELECT slug FROM team")}
        assert set(asking.teams) <= kept


def test_a_second_signal_ends_it_at_once(served: MarketplaceProcess) -> None:
    served.start()
    address = httpx2.URL(served.ready["url"])
    with socket.create_connection((address.host, address.port), timeout=20) as client:
        client.sendall(HALF % (address.netloc, served.token.encode()))
        assert client.recv(100).startswith(b"HTTP/1.1 100 ")  # it waits for the rest

        served.process.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            served.process.wait(1)
        began = time.monotonic()
        served.process.terminate()
        served.process.wait(EXIT_S)

    assert time.monotonic() - began < AT_ONCE_S
