"""A drill: from the veto of security to a stopped process and dead credentials, measured."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from connectory.backends.targets import Phase
from connectory.instances.rules import hook_key_path
from demos import live_demo
from marketplaces import LiveServer, wait_until
from releases import publish
from reviewing import decide, review_of, sign

pytestmark = pytest.mark.journey

LIMIT_S = 5.0
INSTANCE = "/api/v1/teams/payments/instances/leads"
ASKED = {"connector": "crm-to-slack-v1", "version": "1.4.0"}
LEAD = {"id": "L-1", "name": "Ada", "email": "ada@example.com"}


@dataclass
class Drill:
    """A marketplace over HTTP, as its people see it."""

    live: LiveServer
    client: httpx2.Client

    def as_(self, account: str) -> dict[str, str]:
        token = self.live.tokens.get(account, self.live.admin_token)
        return {"Authorization": f"Bearer {token}"}

    def get(self, path: str = INSTANCE) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(path, headers=self.as_("max")).json()
        return found

    def ended(self, answer: httpx2.Response) -> dict[str, Any]:
        answer.raise_for_status()
        path = answer.headers["Location"]
        wait_until(lambda: self.get(path)["state"] not in {"waiting", "running"}, 60)
        return self.get(path)

    def review(self, state: str) -> dict[str, Any]:
        wait_until(lambda: bool(self.reviews(state)), 30)
        return review_of(self, "1.4.0")

    def reviews(self, state: str) -> list[dict[str, Any]]:
        asked = {"state": state}
        found = self.client.get("/api/v1/reviews", params=asked, headers=self.as_("sam"))
        return [one for one in found.json()["items"] if one["version"] == "1.4.0"]


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Drill]:
    with (
        live_demo(tmp_path / "data") as live,
        httpx2.Client(base_url=live.url, timeout=60) as client,
    ):
        yield Drill(live, client)


def test_a_veto_stops_a_running_instance_within_5_s_and_its_credentials_open_nothing(
    drill: Drill,
) -> None:
    publish(drill, "1.4.0", approve=False)
    sign(drill, drill.review("open"))
    review = drill.review("approved")
    drill.ended(drill.client.put(INSTANCE, json=ASKED, headers=drill.as_("max")))
    target, running = drill.live.state.crew.targets["local"], drill.get()
    pid = target.observe(running["id"]).pid
    (address,) = drill.client.post(f"{INSTANCE}:hooks", headers=drill.as_("max")).json()["urls"]
    worked = httpx2.post(address, json=LEAD)

    began = time.monotonic()
    vetoed = decide(drill, review, "sam", "veto", comment="it sends leads to a stranger")
    wait_until(lambda: has_ended(pid), LIMIT_S)
    wait_until(lambda: drill.get()["state"] == "suspended", LIMIT_S)
    wait_until(lambda: httpx2.post(address, json=LEAD).status_code != 202, LIMIT_S)
    wait_until(lambda: keys(drill, running["id"]) == [], LIMIT_S)
    took_s = time.monotonic() - began

    shown, refused = drill.get(), httpx2.post(address, json=LEAD)
    resumed = drill.client.post(f"{INSTANCE}:resume", headers=drill.as_("max"))
    assert (running["state"], worked.status_code, vetoed.status_code) == ("running", 202, 200)
    assert took_s <= LIMIT_S
    assert target.observe(running["id"]).phase is Phase.STOPPED
    assert (refused.status_code, refused.json()["code"]) == (503, "instance-suspended")
    assert (resumed.status_code, resumed.json()["code"]) == (409, "version-quarantined")
    assert shown["stop"]["reason"] == "it sends leads to a stranger"


def has_ended(pid: int | None) -> bool:
    return not Path(f"/proc/{pid}").exists()


def keys(drill: Drill, instance: str) -> list[object]:
    folder = hook_key_path(instance).rpartition("/")[0]
    return list(drill.live.state.backends.secrets.entries(f"{folder}/"))
