"""The pages that compare versions and connectors."""

import pytest

import releases
from connectory.app import bootstrap
from marketplaces import Marketplace

CRM = "/c/bizops/crm-to-slack-v1"


@pytest.fixture
def shop(marketplace: Marketplace) -> Marketplace:
    bootstrap.prepare(marketplace.state)
    marketplace.follow()
    return marketplace


@pytest.fixture
def newer(shop: Marketplace) -> Marketplace:
    """A marketplace with crm-to-slack 1.4.0, which may call one more host."""
    more = {"allowed_hosts: [": "allowed_hosts: [hooks.example.com, "}
    releases.publish(shop, "1.4.0", more)
    shop.follow()
    return shop


def test_a_difference_shows_permissions_manifest_and_files(newer: Marketplace) -> None:
    page = newer.client.get(f"{CRM}/diff/1.3.0...1.4.0").text

    assert "What changed from 1.3.0 to 1.4.0" in page
    assert "hooks.example.com" in page
    assert '<span data-sign="+">+version: 1.4.0' in page
    assert '<span data-sign="-">-version: 1.3.0' in page


def test_addresses_of_a_difference_lead_to_it(newer: Marketplace) -> None:
    bare = newer.client.get("/c/crm-to-slack-v1/diff/1.3.0...1.4.0", follow_redirects=False)
    chosen = newer.client.get(f"{CRM}/diff?from=1.4.0&to=1.3.0", follow_redirects=False)
    versions = newer.client.get(CRM).text

    assert bare.headers["Location"] == f"{CRM}/diff/1.3.0...1.4.0"
    assert chosen.headers["Location"] == f"{CRM}/diff/1.4.0...1.3.0"
    assert f'href="{CRM}/diff/1.3.0...1.4.0"' in versions


@pytest.mark.parametrize("versions", ["1.3.0", "1.3.0...", "...1.3.0", "1.3.0...9.9.9"])
def test_a_difference_needs_two_versions(shop: Marketplace, versions: str) -> None:
    assert shop.client.get(f"{CRM}/diff/{versions}").status_code == 404


def test_connectors_are_compared_side_by_side(shop: Marketplace) -> None:
    page = shop.client.get("/compare?c=crm-to-slack-v1@1.3.0,slack-alerts").text

    assert "crm-to-slack-v1 1.3.0" in page
    assert "slack-alerts 1.0.0" in page
    assert 'href="/compare?c=slack-alerts"' in page
    assert "Add a connector" in page


def test_three_are_compared_at_most(shop: Marketplace) -> None:
    three = shop.client.get("/compare?c=crm-to-slack-v1,slack-alerts,cost-monitor-v1")
    four = shop.client.get("/compare?c=a,b&c=c,d")

    assert three.status_code in {200, 404}
    assert "Add a connector" not in three.text
    assert four.status_code == 422


def test_nothing_is_compared_yet(shop: Marketplace) -> None:
    assert "Nothing to compare yet" in shop.client.get("/compare").text


def test_a_connector_names_what_is_like_it_and_why(shop: Marketplace) -> None:
    page = shop.client.get("/c/bizops/slack-alerts").text

    assert "Similar connectors" in page
    assert "both use slack" in page
    assert "/compare?c=bizops%2Fslack-alerts%401.0.0%2Cbizops%2Fcrm-to-slack-v1%401.3.0" in page


def test_a_mistyped_search_says_what_it_was_taken_for(shop: Marketplace) -> None:
    page = shop.client.get("/connectors?q=slakc").text

    assert "for “slack”; nothing is spelled “slakc”" in page


def test_narrowing_fields_stay_filled_and_can_be_taken_back(shop: Marketplace) -> None:
    page = shop.client.get("/connectors?q=slack&example=zzz&updated_since=2026-01-01").text

    assert 'name="example" form="search" value="zzz"' in page
    assert 'value="2026-01-01"' in page
    assert "Search without the sample of use (" in page
    assert 'href="/connectors?q=slack&amp;updated_since=2026-01-01"' in page
