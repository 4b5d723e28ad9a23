"""The pages of reviews: the queue, and one review from its delta to its decision."""

import re

import pytest

from marketplaces import Marketplace
from reviewing import staff, submit

MORE = {"[slack.com, ": "[slack.com, api.dir.example, "}


@pytest.fixture
def shop(marketplace: Marketplace) -> Marketplace:
    """A marketplace with one reviewer of each kind."""
    staff(marketplace)
    return marketplace


def page_of(shop: Marketplace, path: str, who: str = "sam") -> str:
    answer = shop.client.get(path, headers=shop.as_(who))
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_queue_names_what_waits_for_whom(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    page = page_of(shop, "/reviews")

    assert f'href="/reviews/{review["id"]}">bizops/crm-to-slack-v1 1.4.0</a>' in page
    assert "architect, security, ops" in page


def test_the_queue_can_be_narrowed_to_what_one_can_sign(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    address = f'href="/reviews/{review["id"]}"'

    assert address in page_of(shop, "/reviews?mine=true")
    assert address not in page_of(shop, "/reviews?mine=true", "max")
    assert "Nothing waits for you" in page_of(shop, "/reviews?mine=true", "max")
    assert address not in page_of(shop, "/reviews?role=security&age=overdue")
    assert "No review matches" in page_of(shop, "/reviews?state=approved")


def test_the_navigation_counts_for_reviewers_alone(shop: Marketplace) -> None:
    before = page_of(shop, "/")
    submit(shop, "1.4.0")

    assert 'href="/reviews?mine=true"' in before
    assert "for you" not in before
    assert re.search(r'class="count">1<span class="hidden-text"> for you', page_of(shop, "/"))
    assert "for you" not in page_of(shop, "/", "max")
    assert 'data-go="v"' not in shop.client.get("/").text
