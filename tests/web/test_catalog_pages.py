"""The catalog in a browser, signed in or not: home, search, connector."""

import re

import pytest
from httpx2 import Response

from marketplaces import Marketplace

DRAFT = b"""\
id: half-done
name: Half done
version: 0.1.0
description: Is not ready for anybody
owner: ana@example.com
runtime: {type: serverless}
vetting_status: draft
"""


def opened(site: Marketplace, path: str, account: str = "") -> Response:
    headers = {"Accept": "text/html", **(site.as_(account) if account else {})}
    return site.client.get(path, headers=headers, follow_redirects=False)


def test_a_visitor_sees_what_to_start_with(site: Marketplace) -> None:
    page = opened(site, "/")

    assert page.status_code == 200
    assert "CRM sync (standard)" in page.text
    assert "Recently approved" in page.text
    assert "/sign-in" in page.text


def test_a_member_sees_how_their_team_is(site: Marketplace) -> None:
    assert "payments: 0 running, 0 failing" in opened(site, "/", "max").text


def test_an_empty_catalog_says_how_to_begin(marketplace: Marketplace) -> None:
    assert "Bring your own connector" in opened(marketplace, "/").text
    assert "The catalog is empty" in opened(marketplace, "/connectors").text


def test_a_search_says_why_and_marks_what_it_found(site: Marketplace) -> None:
    page = opened(site, "/connectors?q=new+lead").text

    assert "1 connector for “new lead”" in page
    assert "<mark>Lead</mark>" in page
    assert "Matched" in page


def test_a_filter_can_be_taken_back_by_a_link(site: Marketplace) -> None:
    page = opened(site, "/connectors?q=slack&tag=crm&tag=alert&sort=name").text

    assert 'href="/connectors?q=slack&amp;tag=alert&amp;sort=name"' in page
    assert re.search(r'name="tag" value="crm" checked', page)


def test_nothing_found_offers_the_way_out(site: Marketplace) -> None:
    page = opened(site, "/connectors?q=slack&risk=none").text

    assert "No connector matches" in page
    assert re.search(r'href="/connectors\?q=slack">Search without the filter risk \(\d', page)


def test_values_that_would_find_nothing_stay_dim(site: Marketplace) -> None:
    page = opened(site, "/connectors?q=new+lead").text

    assert re.search(r'value="operations"><span class="label-text none">', page)


@pytest.mark.parametrize("query", ["page=0", "sort=price", "page=x"])
def test_an_address_that_makes_no_sense_is_refused_with_a_page(
    site: Marketplace, query: str
) -> None:
    page = opened(site, f"/connectors?{query}")

    assert page.status_code == 422
    assert "request-refused" in page.text


def test_a_bare_id_leads_to_the_full_address(site: Marketplace) -> None:
    page = opened(site, "/c/crm-to-slack-v1@1.3.0")

    assert page.headers["location"] == "/c/bizops/crm-to-slack-v1@1.3.0"


def test_a_connector_says_what_it_may_needs_and_costs(site: Marketplace) -> None:
    page = opened(site, "/c/bizops/crm-to-slack-v1").text

    for shown in (
        "It will be able to",
        "post messages to Slack (scope chat:write)",
        "It will not",
        "slack_bot_token",
        "per month, expected",
        "How this is calculated",
        "0 teams",
        '<h2 id="runbook-title">',
        "id: crm-to-slack-v1",
    ):
        assert shown in page
    assert 'href="/c/bizops/crm-to-slack-v1@1.3.0/install" data-look="primary"' in page


def test_a_draft_is_there_for_its_team_alone(site: Marketplace) -> None:
    files = {"manifest": ("manifest.yaml", DRAFT)}
    site.client.post("/api/v1/connectors", files=files, headers=site.as_("ana"))

    own = opened(site, "/c/bizops/half-done", "bob")
    other = opened(site, "/c/bizops/half-done", "max")

    assert "This version cannot be installed yet" in own.text
    assert "/install" not in own.text
    assert other.status_code == 404
    assert 'href="/connectors?q=half-done"' in other.text


def test_pages_belong_to_who_looks(site: Marketplace) -> None:
    assert opened(site, "/").headers["cache-control"] == "private, no-cache"
