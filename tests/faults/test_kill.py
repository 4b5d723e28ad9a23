"""kill -9 of the server while many publish and install: row R1 of the threat model.

The oracle is a ledger outside: what each client sent and what it was answered. A seed chooses
the moment of each death. Afterwards everything acknowledged is there, nothing is there twice,
what was not answered is there as a whole or not at all, and it can be sent again.
"""

import io
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

from connectory.gates import archive
from connectory.kernel.digest import digest_of
from marketplaces import wait_until
from processes import MarketplaceProcess, marketplace_process

pytestmark = pytest.mark.journey
LONG = (pytest.mark.full, pytest.mark.timeout(900))
RUNS = [(0, 3), *(pytest.param(seed, 8, marks=LONG) for seed in range(1, 26))]

BRIEF = (Path(__file__).parents[1] / "manifest/examples/brief.yaml").read_text()
PUBLISHERS = ("amber", "birch", "cedar")
INSTANCES = "/api/v1/teams/payments/instances"
ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}
MOST_BEFORE = 15  # requests that began before the one in whose time the server dies
MOST_WAIT_S = 0.2
DONE = {200, 201, 202}
INSTALLS = "SELECT subject FROM event WHERE kind = 'OperationBegun'"
PUBLISHED = "SELECT count(*) FROM event WHERE kind = 'VersionPublished' GROUP BY subject"


@dataclass
class Ledger:
    """What was sent, and whether it was acknowledged: `amber@1.0.3` or `inst@leads-3`."""

    sent: dict[str, bytes] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)


@dataclass
class Clients:
    """Three clients that publish one version after the other, and one that installs."""

    served: MarketplaceProcess
    ledger: Ledger
    round: int

    def start(self) -> list[threading.Thread]:
        threads = [threading.Thread(target=self._publish, args=(n,)) for n in PUBLISHERS]
        threads.append(threading.Thread(target=self._install))
        for thread in threads:
            thread.start()
        return threads

    def _publish(self, name: str) -> None:
        with self._client() as client:
            number = 0
            while self._send(client, "POST", f"{name}@{self.round}.0.{number}"):
                number += 1

    def _install(self) -> None:
        with self._client() as client:
            self._send(client, "PUT", f"instance@leads-{self.round}")

    def _send(self, client: httpx2.Client, method: str, key: str) -> bool:
        """Send one request; return whether the server is still there."""
        name, _, rest = key.partition("@")
        content = package_of(name, rest)
        self.ledger.sent[key] = content
        try:
            if method == "PUT":
                answer = client.put(f"{INSTANCES}/{rest}", json=ASKED)
            else:
                files = {"manifest": manifest_of(name, rest), "package": content}
                answer = client.post("/api/v1/connectors", files=files)
        except httpx2.TransportError:
            return False
        if answer.status_code in DONE:
            self.ledger.acknowledged.add(key)
        else:
            self.ledger.refused.append(answer.text)
        return answer.status_code in DONE

    def _client(self) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {self.served.token}"}
        return httpx2.Client(base_url=self.served.ready["url"], headers=headers, timeout=30)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[MarketplaceProcess]:
    with marketplace_process(tmp_path / "machine") as process:
        yield process


@pytest.mark.parametrize(("seed", "deaths"), RUNS)
def test_a_server_that_is_killed_at_any_moment_keeps_what_it_acknowledged(
    served: MarketplaceProcess, seed: int, deaths: int
) -> None:
    dice = random.Random(seed)  # noqa: S311  repeatable moments
    ledger = Ledger()
    settings = {"rate_write_per_minute": "0"}
    served.start(**settings)
    for number in range(1, deaths + 1):
        clients = Clients(served, ledger, number)
        begun = len(ledger.sent) + dice.randint(1, MOST_BEFORE)
        threads = clients.start()
        wait_until(lambda wanted=begun: len(ledger.sent) >= wanted)
        threading.Event().wait(dice.uniform(0, MOST_WAIT_S))
        served.kill()
        for thread in threads:
            thread.join(30)

        served.start(**settings)
        check(served, ledger, number)
    assert ledger.refused == []
    assert len(ledger.acknowledged) > deaths


def check(served: MarketplaceProcess, ledger: Ledger, number: int) -> None:
    """Replay the ledger against the server."""
    assert served.get("/api/v1/audit/verify")["state"] == "intact"
    mine = [key for key in ledger.sent if f"@{number}." in key]
    found: set[str] = set()
    for name in PUBLISHERS:
        found |= versions(served, name)
    begun = [subject.removeprefix("payments/") for (subject,) in served.query(INSTALLS)]
    found |= {f"instance@{name}" for name in begun}
    assert ledger.acknowledged <= found <= set(ledger.sent)
    assert len(begun) == len(set(begun))
    for key in mine:
        if key in found and "." in key:
            assert blob(served, digest_of(ledger.sent[key])) == ledger.sent[key]
    shown = {one["id"] for one in served.get("/api/v1/connectors?q=killed")["items"]}
    assert shown == {f"{key.partition('@')[0]}-killed-v1" for key in found if "." in key}
    assert {times for (times,) in served.query(PUBLISHED)} == {1}


def blob(served: MarketplaceProcess, digest: str) -> bytes:
    name = digest.removeprefix("sha256:")
    return (served.data / "blobs" / name[:2] / name[2:]).read_bytes()


def versions(served: MarketplaceProcess, name: str) -> set[str]:
    answer = served.client.get(f"/api/v1/connectors/bizops/{name}-killed-v1/versions")
    items = answer.json()["items"] if answer.status_code == 200 else []
    assert len(items) == len({one["version"] for one in items})
    return {f"{name}@{one['version']}" for one in items}


def manifest_of(name: str, version: str) -> bytes:
    text = BRIEF.replace("crm-to-slack-v1", f"{name}-killed-v1")
    return text.replace("1.2.0", version).encode()


def package_of(name: str, version: str) -> bytes:
    content = io.BytesIO()
    files = {"manifest.yaml": manifest_of(name, version), "sample": name.encode() * 8_000}
    archive.pack(files, content)
    return content.getvalue()
