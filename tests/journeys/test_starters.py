"""The starters, installed from the demo by HTTP, doing their job against the stand-ins."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx2
import pytest

from connectory.kernel import clock
from demos import live_demo
from marketplaces import LiveServer, wait_until
from podmans import HAS_PODMAN, IN_PODMAN

pytestmark = pytest.mark.journey

STARTERS = Path(__file__).parents[2] / "starters"
TEAM = "/api/v1/teams/payments/instances"
AFTER_EACH = {
    "trigger": ["triggered"],
    "resolve": ["resolved"],
    "alertmanager": ["resolved", "triggered"],
}
ENDED = {"succeeded", "failed", "undone"}


@dataclass(frozen=True)
class Demo:
    """The demo, and a member of the team payments who uses it."""

    live: LiveServer
    member: httpx2.Client

    @contextmanager
    def installed(
        self, connector: str, *, target: str = "local", **inputs: object
    ) -> Iterator[str]:
        """Give the path of an instance with the settings of the team; remove it afterwards."""
        path = f"{TEAM}/{connector.removesuffix('-v1')}"
        asked = {"connector": connector, "environment": "dev", "inputs": inputs}
        operation = self.ended(self.member.put(path, json={**asked, "target": target}))
        assert operation["state"] == "succeeded", operation
        yield path
        assert self.ended(self.member.delete(path))["state"] == "succeeded"

    def ended(self, accepted: httpx2.Response) -> dict:
        assert accepted.status_code == 202, accepted.text
        path = f"/api/v1/operations/{accepted.json()['operation']}"
        wait_until(lambda: self.member.get(path).json()["state"] in ENDED, 60)
        return self.member.get(path).json()

    def hook(self, path: str) -> str:
        """Return the one address of an instance, with its key."""
        (address,) = self.member.post(f"{path}:hooks").json()["urls"]
        return address

    def texts_in(self, channel: str) -> list[str]:
        return [one["text"] for one in self.of("slack") if one["channel"] == channel]

    def has_alerts(self, states: list[str]) -> bool:
        return sorted(self.of("pagerduty", "/_alerts").values()) == states

    def of(self, standin: str, path: str = "/_received") -> list | dict:
        return httpx2.get(self.live.standins[standin] + path).json()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    data = tmp_path_factory.mktemp("starters") / "data"
    with live_demo(data, containers=HAS_PODMAN) as live:
        key = {"Authorization": f"Bearer {live.tokens['max']}"}
        with httpx2.Client(base_url=live.url, headers=key, timeout=60) as member:
            yield Demo(live, member)


def example(starter: str, name: str) -> dict:
    return json.loads((STARTERS / starter / f"examples/{name}.json").read_text())


@pytest.mark.parametrize("target", ["local", IN_PODMAN])
def test_slack_alerts_posts_what_comes_to_its_address(demo: Demo, target: str) -> None:
    sent, channel = example("slack-alerts", "alert"), f"#alerts-{target}"
    with demo.installed("slack-alerts", target=target, slack_channel=channel) as path:
        httpx2.post(demo.hook(path), json=sent).raise_for_status()
        wait_until(lambda: demo.texts_in(channel))

    assert "Disk of db-1 is 92 % full" in demo.texts_in(channel)[-1]


def test_pagerduty_notify_opens_and_resolves_what_comes_to_its_address(demo: Demo) -> None:
    with demo.installed("pagerduty-notify") as path:
        for name, states in AFTER_EACH.items():
            sent = httpx2.post(demo.hook(path), json=example("pagerduty-notify", name))
            sent.raise_for_status()
            wait_until(partial(demo.has_alerts, states))


def test_cost_monitor_tells_once_that_the_budget_is_spent(demo: Demo) -> None:
    today = str(clock.now().date())
    cost = {"day": today, "service": "Amazon S3", "amount": "1750.50"}
    httpx2.post(demo.live.standins["billing"] + "/_costs", json={"costs": [cost]})
    wanted = {"slack_channel": "#finops", "budget_amount": 1500}

    with demo.installed("cost-monitor-v1", **wanted) as path:
        first, second = (demo.member.post(f"{path}:run", json={}).json() for _ in range(2))

    assert (first["status"], first["output"]["status"]) == (200, "told"), first
    assert (second["status"], second["output"]["status"]) == (200, "nothing new")
    (told,) = [one for one in demo.of("slack") if one["channel"] == "#finops"]
    assert "1,750.50 USD so far, 116 % of the budget of 1,500.00 USD" in told["text"]
    assert "Amazon S3: 1,750.50 USD" in told["text"]
