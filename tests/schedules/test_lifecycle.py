"""Schedules from plan to removal, over HTTP, with a real delivery to a connector."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from connectory.schedules import store
from connectory.work import Works
from ledger import LedgerTarget, keep_books
from marketplaces import Marketplace
from releases import publish

MANUAL = "{type: manual}"
DAILY = (
    '{type: schedule, cron: "0 7 * * *", timezone: Europe/Berlin, jitter: 5m, misfire: skip}'
)
NAME = "0 7 * * * Europe/Berlin"
TEAM = "/api/v1/teams/payments/instances"
ASKED = {
    "connector": "crm-to-slack-v1",
    "version": "1.4.0",
    "inputs": {"slack_channel": "#leads"},
}


class Desk:
    """Max of payments, at a marketplace whose clock is set by hand."""

    def __init__(self, shop: Marketplace, books: LedgerTarget) -> None:
        self.shop = shop
        self.books = books
        self.moment = datetime(2026, 11, 24, 12, tzinfo=UTC)
        object.__setattr__(self.works, "clock", lambda: self.moment)

    @property
    def works(self) -> Works:
        works: Works = self.shop.state.works
        return works

    def ask(self, method: str, url: str, body: object = None, by: str = "max") -> Response:
        fresh = {"Authorization": f"Bearer {self.shop.token(by)}"}  # days pass
        return self.shop.client.request(method, url, json=body, headers=fresh)

    def do(self, method: str, path: str, body: object = None) -> None:
        """Begin an operation, and bring it to its end."""
        answer = self.ask(method, TEAM + path, body)
        assert answer.status_code == 202, answer.text
        self.shop.turn()
        self.shop.state.timekeeper.turn()

    def schedules(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GET", f"{TEAM}/leads/schedules").json()["items"]
        return found

    def told(self) -> list[dict[str, str]]:
        """Return what the connector was told of its schedule."""
        return [json.loads(c.body) for c in self.books.calls if c.path == "/run/schedule"]

    def page(self) -> str:
        return self.ask("GET", "/t/payments/i/leads").text


@pytest.fixture
def desk(marketplace: Marketplace, tmp_path: Path) -> Desk:
    books = keep_books(marketplace, tmp_path)
    publish(marketplace, "1.4.0", {MANUAL: f"{MANUAL}\n  - {DAILY}"})
    return Desk(marketplace, books)


def test_a_plan_has_the_next_five_times_and_what_a_removal_takes(desk: Desk) -> None:
    plan = desk.ask("POST", "/api/v1/plans", {**ASKED, "team": "payments"}).json()

    (one,) = plan["schedules"]
    assert [one["name"], one["words"]] == [NAME, "at 07:00 every day"]
    assert one["next"][0] == {
        "at": "2026-11-25T06:00:00.000Z",
        "local": "Wed 2026-11-25 07:00 CET",
    }
    assert len(one["next"]) == 5
    assert f"run by itself on the schedule {NAME}: at 07:00 every day" in str(
        plan["permissions"]
    )
    assert {"schedule": NAME} in [{made["kind"]: made["name"]} for made in plan["creates"]]
    assert "schedules" in plan["removal"][0]


def test_a_schedule_lives_and_ends_with_its_instance(desk: Desk) -> None:
    desk.do("PUT", "/leads", ASKED)
    instance = desk.ask("GET", f"{TEAM}/leads").json()["id"]

    desk.moment = datetime.fromisoformat(desk.schedules()[0]["starts_at"])
    desk.shop.state.timekeeper.turn()
    desk.shop.deliver()

    assert desk.told() == [{"schedule": NAME, "planned": "2026-11-25T06:00:00.000Z"}]
    (one,) = desk.schedules()
    assert one["last_run"].startswith("run_")
    assert one["next"][0]["local"] == "Thu 2026-11-26 07:00 CET"
    assert "2026-11-26T06:00" <= one["starts_at"] <= "2026-11-26T06:05:01"
    assert "Thu 2026-11-26 07:00 CET" in desk.page()

    desk.do("POST", "/leads:pause")
    desk.moment = datetime(2026, 11, 26, 6, 10, tzinfo=UTC)
    desk.shop.state.timekeeper.turn()
    assert [each["reason"] for each in desk.schedules()[0]["skipped"]] == ["paused"]
    assert "skipped, it was paused" in desk.page()

    desk.do("DELETE", "/leads")
    with desk.works.read() as work:
        assert store.of_instance(work, instance) == {}
        assert store.skips(work, instance, NAME, limit=9) == []


def test_a_member_runs_a_schedule_before_its_time_and_the_log_has_who(desk: Desk) -> None:
    desk.do("PUT", "/leads", ASKED)

    unknown = desk.ask("POST", f"{TEAM}/leads/schedules:run", {"schedule": "@daily UTC"})
    run = desk.ask("POST", f"{TEAM}/leads/schedules:run", {})
    button = desk.ask("POST", "/t/payments/i/leads/schedules")
    desk.shop.deliver()

    assert (unknown.status_code, unknown.json()["code"]) == (404, "schedule-missing")
    assert NAME in unknown.json()["hint"]
    assert run.status_code == 202, run.text
    assert button.status_code in {200, 303}, button.text
    planned = [told["planned"] for told in desk.told()]
    assert planned == ["2026-11-24T12:00:00.000Z"] * 2
    shown = desk.ask("GET", f"{TEAM}/leads/runs/{run.json()['run']}").json()
    assert (shown["trigger"], shown["state"]) == ("schedule", "succeeded")
    desk.shop.follow()
    told = desk.ask("GET", "/api/v1/audit", by="admin").json()["items"]
    assert ("ScheduleRun", "max") in [(one["kind"], one["actor"]) for one in told]
