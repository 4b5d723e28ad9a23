"""A list of reviews costs as many queries for thirty as for one."""

import pytest

from asked import queries
from connectory.vetting.examine import catch_up
from marketplaces import Marketplace
from releases import publish
from reviewing import V1, examine

MANY = 30


def wait_for_review(shop: Marketplace, numbers: range) -> None:
    """Submit connectors whose checks have still to run."""
    for number in numbers:
        changed = {"id: crm-to-slack-v1": f"id: crm-{number}-v1"}
        publish(shop, "1.4.0", changed, approve=False)
    shop.follow()
    with shop.state.works.write() as work:
        while catch_up(work):
            pass


@pytest.mark.parametrize("mine", ["", "?mine=true"], ids=["all", "mine"])
@pytest.mark.parametrize("path", [f"{V1}/reviews", "/reviews"], ids=["api", "page"])
def test_thirty_reviews_cost_no_more_queries_than_one(
    shop: Marketplace, path: str, mine: str
) -> None:
    headers, counts = shop.as_("sam"), []
    for numbers in (range(1), range(1, MANY)):
        wait_for_review(shop, numbers)
        with queries(shop) as asked:
            answer = shop.client.get(path + mine, headers=headers)
        counts.append(len(asked))

    assert f"crm-{MANY - 1}-v1" in answer.text
    assert 0 < counts[1] <= counts[0]


def test_checks_that_have_still_to_run_are_not_counted(shop: Marketplace) -> None:
    wait_for_review(shop, range(1))
    before = shop.client.get(f"{V1}/reviews", headers=shop.as_("sam")).json()["items"]
    examine(shop)
    after = shop.client.get(f"{V1}/reviews", headers=shop.as_("sam")).json()["items"]

    assert [one["checks_passed"] for one in before] == [None]
    assert after[0]["checks_passed"] > 0
