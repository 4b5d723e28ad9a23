"""SIGKILL of server, supervisor and connector while events arrive and schedules fire.

PagerDuty's stand-in is a process of its own that survives everything, and it does not
deduplicate: what it received is the ledger. Each event that was answered with 202 arrives at
least once; it arrives twice only if it was tried twice; each alert exists once, by its key.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

from marketplaces import wait_until
from processes import MarketplaceProcess, marketplace_process, processes_of
from releases import STARTERS, files_of, packed_with

pytestmark = pytest.mark.journey
ALL = pytest.param(200, marks=[pytest.mark.full, pytest.mark.timeout(3600)])

TEAM = "/api/v1/teams/payments/instances"
BETWEEN_S = 0.05  # events
QUIET_S = (0.1, 1.5)  # between two deaths
SETTLED_S = 180


@pytest.fixture
def pagerduty() -> Iterator[str]:
    """The stand-in as a process; gives its address."""
    command = [sys.executable, "-m", "connectory.standins", "pagerduty"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()


@pytest.fixture
def served(tmp_path: Path, pagerduty: str) -> Iterator[MarketplaceProcess]:
    with marketplace_process(tmp_path / "served") as process:
        yield start(process, pagerduty)


def start(process: MarketplaceProcess, pagerduty: str) -> MarketplaceProcess:
    reached = pagerduty.rpartition("/")[2]
    return process.start(local_private=reached, rate_hook_per_minute="100000")


@dataclass
class Alerts:
    """Sends one alert after the other until each is answered; remembers which were accepted."""

    hook: str
    accepted: list[str] = field(default_factory=list)
    _enough: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def arriving(self) -> Iterator[None]:
        sender = threading.Thread(target=self._send)
        sender.start()
        try:
            yield
        finally:
            self._enough.set()
            sender.join()

    def _send(self) -> None:
        number = 0
        while not self._enough.wait(BETWEEN_S):
            alert = {"summary": f"alert {number}", "severity": "info", "source": "test"}
            alert["dedup_key"] = f"key-{number}"
            with suppress(httpx2.HTTPError):
                if httpx2.post(self.hook, json=alert, timeout=5).status_code == 202:
                    self.accepted.append(alert["dedup_key"])
                    number += 1


def install(served: MarketplaceProcess, name: str, connector: str, **inputs: str) -> str:
    asked = {"connector": connector, "environment": "dev", "inputs": inputs}
    begun = served.client.put(f"{TEAM}/{name}", json=asked)
    assert begun.status_code == 202, begun.text
    assert served.ended(begun.json()["operation"])["state"] == "succeeded"
    return str(begun.json()["instance"]["id"])


def each_minute(served: MarketplaceProcess) -> None:
    """Publish and approve a version of crm-to-db-sync that runs every minute."""
    [package] = STARTERS.glob("crm-to-db-sync-*.tar.gz")
    manifest = files_of(package)["manifest.yaml"].decode()
    manifest = manifest.replace("version: 1.0.0", "version: 1.0.1").replace("*/5 *", "* *")
    sent = packed_with(package, {"manifest.yaml": manifest.encode()})
    added = served.client.post("/api/v1/connectors", files=sent)
    assert added.status_code == 201, added.text
    status = "/api/v1/connectors/bizops/crm-to-db-sync/versions/1.0.1/status"
    served.client.patch(status, json={"status": "approved", "message": "for a test"})


def kill_one(served: MarketplaceProcess, pagerduty: str, dice: random.Random) -> str:
    """Kill the server or a process of an instance; start the server again if it was it."""
    others = [pid for pid in processes_of(served.data) if pid != served.process.pid]
    if not others or dice.random() < 0.3:
        served.kill()
        start(served, pagerduty)
        return "server"
    with suppress(ProcessLookupError, PermissionError):
        os.kill(dice.choice(others), signal.SIGKILL)
    return "instance"


def runs_of(served: MarketplaceProcess, name: str) -> list[dict]:
    path, found = f"{TEAM}/{name}/runs?limit=100", []
    while path:
        page = served.get(path)
        found += page["items"]
        path = page["next"] or ""
    return found


@pytest.mark.parametrize("deaths", [6, ALL])
def test_nothing_accepted_is_lost_whoever_dies(
    served: MarketplaceProcess, pagerduty: str, deaths: int
) -> None:
    install(served, "oncall", "pagerduty-notify", pagerduty_api_url=f"{pagerduty}/v2/enqueue")
    each_minute(served)
    install(served, "sync", "crm-to-db-sync")
    (hook,) = served.client.post(f"{TEAM}/oncall:hooks").json()["urls"]
    alerts, dice, dead = Alerts(hook), random.Random(deaths), Counter()  # noqa: S311

    with alerts.arriving():
        for _ in range(deaths):
            time.sleep(dice.uniform(*QUIET_S))
            dead[kill_one(served, pagerduty, dice)] += 1

    def received() -> Counter[str]:
        events = httpx2.get(f"{pagerduty}/_received").json()
        return Counter(str(event["dedup_key"]) for event in events)

    wait_until(lambda: set(alerts.accepted) <= set(received()), SETTLED_S)
    ended = {"succeeded", "refused", "dead"}
    wait_until(lambda: all(r["state"] in ended for r in runs_of(served, "oncall")), SETTLED_S)
    arrived, tried = received(), sum(r["attempts"] for r in runs_of(served, "oncall"))
    ticks = [run for run in runs_of(served, "sync") if run["trigger"] == "schedule"]
    planned = [served.get(f"{TEAM}/sync/runs/{run['id']}")["input"]["body"] for run in ticks]

    assert dead["server"] + dead["instance"] == deaths
    assert sum(arrived[key] for key in alerts.accepted) <= tried
    states = httpx2.get(f"{pagerduty}/_alerts").json()
    assert all(states[key] == "triggered" for key in alerts.accepted)
    assert len(set(planned)) == len(planned)
    assert len(planned) >= deaths // 120  # every second minute, at the least, it was there
    wait_until(lambda: is_healthy(served, "oncall") and is_healthy(served, "sync"), SETTLED_S)


def is_healthy(served: MarketplaceProcess, name: str) -> bool:
    return bool(served.get(f"{TEAM}/{name}/health")["status"] == "healthy")
