"""The pages that compare versions and connectors."""

import pytest

import releases
from marketplaces import Marketplace

CRM = "/c/bizops/crm-to-slack-v1"


@pytest.fixture
def newer(site: Marketplace) -> Marketplace:
    """A marketplace with crm-to-slack 1.4.0, which may call one more host."""
    more = {"allowed_hosts: [": "allowed_hosts: [hooks.example.com, "}
    releases.publish(site, "1.4.0", more)
    site.follow()
    return site


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
def test_a_difference_needs_two_versions(site: Marketplace, versions: str) -> None:
    assert site.client.get(f"{CRM}/diff/{versions}").status_code == 404


def test_connectors_are_compared_side_by_side(site: Marketplace) -> None:
    page = site.client.get("/compare?c=crm-to-slack-v1@1.3.0,slack-alerts").text

    assert "crm-to-slack-v1 1.3.0" in page
    assert "slack-alerts 1.0.0" in page
    assert 'href="/compare?c=slack-alerts"' in page
    assert "Add a connector" in page


def test_three_are_compared_at_most(site: Marketplace) -> None:
    three = site.client.get("/compare?c=crm-to-slack-v1,slack-alerts,cost-monitor-v1")
    four = site.client.get("/compare?c=a,b&c=c,d")

    assert three.status_code in {200, 404}
    assert "Add a connector" not in three.text
    assert four.status_code == 422


def test_nothing_is_compared_yet(site: Marketplace) -> None:
    assert "Nothing to compare yet" in site.client.get("/compare").text


def test_a_connector_names_what_is_like_it_and_why(site: Marketplace) -> None:
    page = site.client.get("/c/bizops/slack-alerts").text

    assert "Similar connectors" in page
    assert "both use slack" in page
    assert "/compare?c=bizops%2Fslack-alerts%401.0.0%2Cbizops%2Fcrm-to-slack-v1%401.3.0" in page


def test_a_mistyped_search_says_what_it_was_taken_for(site: Marketplace) -> None:
    page = site.client.get("/connectors?q=slakc").text

    assert "for “slack”; nothing is spelled “slakc”" in page


def test_narrowing_fields_stay_filled_and_can_be_taken_back(site: Marketplace) -> None:
    page = site.client.get("/connectors?q=slack&example=zzz&updated_since=2026-01-01").text

    assert 'name="example" form="search" value="zzz"' in page
    assert 'value="2026-01-01"' in page
    assert "Search without the sample of use (" in page
    assert 'href="/connectors?q=slack&amp;updated_since=2026-01-01"' in page
