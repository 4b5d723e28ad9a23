"""What is published is checked once, in the background, and told to whoever may see it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connectory.kernel import clock
from marketplaces import Marketplace
from osv import advisory, mirror
from releases import publish

VERSION = "/api/v1/connectors/bizops/crm-to-slack-v1/versions"


def checks(shop: Marketplace, version: str) -> dict:
    return shop.client.get(f"{VERSION}/{version}/checks").json()


def examine(shop: Marketplace) -> None:
    shop.follow()
    while shop.state.examiner.turn():
        shop.follow()


@pytest.fixture
def shop(marketplace: Marketplace) -> Marketplace:
    """A marketplace with fresh advisories, into which a version was just published."""
    mirror(marketplace.state.settings.data, advisory())
    publish(marketplace, "1.3.7")
    return marketplace


def test_a_version_is_checked_after_it_is_published(shop: Marketplace) -> None:
    before = checks(shop, "1.3.7")
    examine(shop)
    after = checks(shop, "1.3.7")

    assert {one["state"] for one in before["results"]} == {"not-run"}
    assert before["ended_at"] is None
    idle = [one for one in after["results"] if one["state"] == "not-applicable"]
    assert after["passed"] == after["total"] == before["total"] - len(idle)
    assert after["engine"]
    assert {one["check"] for one in after["results"]} >= {"manifest", "layout", "licences"}


def test_what_failed_is_in_the_log(marketplace: Marketplace) -> None:
    publish(marketplace, "1.3.7", {"license: Apache-2.0": "license: GPL-3.0-only"})
    examine(marketplace)
    listed = marketplace.client.get("/api/v1/audit", headers=marketplace.as_("admin")).json()

    [told] = [
        one
        for one in listed["items"]
        if one["kind"] == "VersionChecked" and one["subject"].endswith("@1.3.7")
    ]
    assert told["facts"]["failed"] == ["licences"]


def test_nothing_is_checked_twice_unless_somebody_asks(shop: Marketplace) -> None:
    examine(shop)
    idle = shop.state.examiner.turn()
    path = f"{VERSION}/1.3.7/checks:run"
    asked = shop.client.post(path, headers=shop.as_("ana"))
    between = checks(shop, "1.3.7")["ended_at"]
    examine(shop)

    assert not idle
    assert asked.status_code == 202
    assert between is None
    assert checks(shop, "1.3.7")["ended_at"]


def test_only_its_team_may_have_a_version_checked_again(shop: Marketplace) -> None:
    path = f"{VERSION}/1.3.7/checks:run"

    refused = shop.client.post(path, headers=shop.as_("max"))

    assert refused.status_code == 403
    assert refused.json()["code"] == "not-maintainer"


def test_the_page_of_a_version_tells_its_checks(shop: Marketplace) -> None:
    examine(shop)

    page = shop.client.get("/c/bizops/crm-to-slack-v1", headers={"Accept": "text/html"}).text

    assert "checks passed on exactly these bytes" in page


NEW = advisory("GHSA-new", "slack-sdk", [{"introduced": "0"}, {"fixed": "99.0"}])
ALERTS = f"{VERSION}/1.3.7/alerts"


def found(shop: Marketplace) -> list[dict]:
    listed = shop.client.get("/api/v1/audit", headers=shop.as_("admin")).json()["items"]
    return [one for one in listed if one["kind"] == "AdvisoryFound"]


def test_newer_advisories_let_what_was_checked_be_checked_again(shop: Marketplace) -> None:
    examine(shop)
    idle = shop.state.examiner.turn()
    mirror(shop.state.settings.data, NEW)

    examine(shop)

    [told] = found(shop)
    assert not idle
    assert (told["subject"], told["team"]) == ("bizops/crm-to-slack-v1@1.3.7", "bizops")
    assert told["facts"]["about"].startswith("GHSA-new slack-sdk 3.")
    assert told["facts"]["way_out"] == "use slack-sdk 99.0 or newer"
    assert told["facts"]["runs_in"] == []


def test_an_alert_is_told_once_and_stays_until_it_is_over(shop: Marketplace) -> None:
    examine(shop)
    mirror(shop.state.settings.data, NEW)
    examine(shop)
    mirror(shop.state.settings.data, {**NEW, "modified": "2026-01-01T00:00:00Z"})  # stale
    examine(shop)
    kept = shop.client.get(ALERTS).json()["items"]
    mirror(shop.state.settings.data, NEW)
    examine(shop)
    told = found(shop)
    mirror(shop.state.settings.data, advisory())
    examine(shop)

    assert [one["advisory"] for one in kept] == ["GHSA-new"]
    assert kept[0]["found_at"].endswith("Z")
    assert len(told) == 1
    assert shop.client.get(ALERTS).json()["items"] == []


def test_the_owner_of_a_version_sees_its_alerts_at_home(shop: Marketplace) -> None:
    examine(shop)
    mirror(shop.state.settings.data, NEW)
    examine(shop)

    page = shop.client.get("/", headers={"Accept": "text/html", **shop.as_("ana")}).text

    assert "bizops/crm-to-slack-v1@1.3.7 is concerned by GHSA-new" in page


def test_what_was_checked_is_checked_again_each_day(shop: Marketplace) -> None:
    examine(shop)
    first = checks(shop, "1.3.7")["ended_at"]
    mirror(shop.state.settings.data, advisory(modified="2026-01-01T00:00:00Z"))
    examine(shop)
    tomorrow = replace(shop.state.works, clock=lambda: clock.now() + timedelta(days=1))

    replace(shop.state.examiner, works=tomorrow).turn()

    after = checks(shop, "1.3.7")
    assert after["ended_at"] > first
    states = {one["check"]: one["state"] for one in after["results"]}
    assert states["dependencies"] == "not-run"
