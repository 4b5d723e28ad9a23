"""What is published is checked once, in the background, and told to whoever may see it."""

import pytest

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


def test_newer_advisories_let_what_was_checked_be_checked_again(shop: Marketplace) -> None:
    examine(shop)
    idle = shop.state.examiner.turn()
    mirror(shop.state.settings.data, advisory("GHSA-new", "slack-sdk", [{"introduced": "0"}]))

    examine(shop)

    listed = shop.client.get("/api/v1/audit", headers=shop.as_("admin")).json()["items"]
    told = [one for one in listed if one["kind"] == "AdvisoryFound"]
    assert not idle
    assert [one["subject"] for one in told] == ["bizops/crm-to-slack-v1@1.3.7"]
    assert "GHSA-new" in told[0]["facts"]["findings"][0]
