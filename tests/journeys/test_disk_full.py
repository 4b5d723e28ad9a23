"""A full disk: row R5 of the threat model. A small tmpfs is the disk; only root can mount it.

What needs space is refused in time with 507, reading goes on, signing in and removing work from
the reserve, and with space everything comes back in the same process.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from marketplaces import wait_until
from processes import MarketplaceProcess, marketplace_process

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk"),
]

DISK_MIB = 96
BRIEF = (Path(__file__).parents[1] / "manifest/examples/brief.yaml").read_text()
LEADS = "/api/v1/teams/payments/instances/leads"
ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}
PAGES = ("/", "/api/v1/connectors?q=slack", "/api/v1/me", "/api/v1/audit", LEADS, "/healthz")
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
SOON_S = 1.0
RECOVERY_S = 10.0


@dataclass
class Disk:
    """A marketplace whose data directory is a disk of its own, with one instance running."""

    served: MarketplaceProcess

    def fill(self) -> None:
        """Write until nothing fits any more."""
        with (self.served.data / "filler").open("wb", buffering=0) as file:
            for size in (1 << 20, 4096):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue

    def clear(self) -> None:
        (self.served.data / "filler").unlink()

    def publish(self, version: str) -> tuple[httpx2.Response, float]:
        """Publish a version; return the answer and how long it took."""
        began = time.monotonic()
        answer = self.served.client.post(
            "/api/v1/connectors",
            content=BRIEF.replace("crm-to-slack", "disk-full").replace("1.2.0", version),
            headers={"Content-Type": "application/yaml"},
        )
        return answer, time.monotonic() - began

    def until_refused(self) -> dict[str, Any]:
        """Publish until there is no space for it: at once, or after the last free page."""
        for number in range(200):
            answer, took = self.publish(f"1.0.{number}")
            assert took < SOON_S
            if answer.status_code != 201:
                assert answer.status_code == 507, answer.text
                body: dict[str, Any] = answer.json()
                return body
        raise AssertionError("the disk is not full")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    data = tmp_path / "machine/data"
    data.mkdir(parents=True)
    with mounted(data), marketplace_process(data.parent) as served:
        served.start(reserve_mb="8")
        operation = served.client.put(LEADS, json=ASKED).json()["operation"]
        assert served.ended(operation)["state"] == "succeeded"
        wait_until((data / "reserve").exists)
        yield Disk(served)


@contextmanager
def mounted(at: Path) -> Iterator[None]:
    options = f"size={DISK_MIB}m,mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", at], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", at], check=True)


def test_what_does_not_fit_is_refused_in_time_and_reading_goes_on(disk: Disk) -> None:
    disk.fill()

    refused = disk.until_refused()

    assert (refused["code"], refused["status"]) == ("storage-full", 507)
    for path in PAGES:
        assert disk.served.client.get(path).status_code == 200, path
    assert disk.served.get("/api/v1/audit/verify")["state"] == "intact"


def test_people_sign_in_and_remove_with_the_space_kept_back(disk: Disk) -> None:
    served = disk.served
    key = parse_qs(urlsplit(served.ready["sign_in"]).query)["key"][0]
    disk.fill()
    disk.until_refused()

    with httpx2.Client(base_url=served.ready["url"], headers=SAME_ORIGIN) as browser:
        assert browser.post("/sign-in", data={"ticket": key}).status_code == 303
        assert browser.post("/sign-out").status_code == 303
        assert browser.get("/me").status_code == 401
    assert served.client.post("/api/v1/tokens", json={"name": "x"}).status_code == 201
    removal = served.client.delete(LEADS).json()["operation"]

    assert served.ended(removal)["state"] == "succeeded"
    assert not (served.data / "reserve").exists()
    assert served.subscriptions() == []


def test_an_upgrade_is_rolled_back_with_the_space_kept_back(disk: Disk) -> None:
    served = disk.served
    upgrade = served.client.post(f"{LEADS}:upgrade", json={"inputs": {"slack_channel": "#b"}})
    assert served.ended(upgrade.json()["operation"])["state"] == "succeeded"
    disk.fill()
    disk.until_refused()

    rollback = served.client.post(f"{LEADS}:rollback").json()["operation"]

    assert served.ended(rollback)["state"] == "succeeded"
    settings = {one["name"]: one["value"] for one in served.get(LEADS)["settings"]}
    assert settings["slack_channel"] == "#leads"


def test_with_space_again_everything_goes_on_without_a_restart(disk: Disk) -> None:
    disk.fill()
    disk.until_refused()
    disk.clear()

    wait_until(lambda: disk.publish("2.0.0")[0].status_code in {200, 201}, RECOVERY_S)

    wait_until((disk.served.data / "reserve").exists, RECOVERY_S)
    assert disk.served.get("/api/v1/audit/verify")["state"] == "intact"
    assert disk.served.process.poll() is None
