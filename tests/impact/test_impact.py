"""What other policies would change: told before anybody feels it."""

import pytest

from marketplaces import Marketplace
from releases import publish
from rulebooks import RULE, packed
from walks import install

V1 = "/api/v1"
STRICT = RULE.replace(', "Apache-2.0"', "")
BLIND = RULE.replace("input.connector.license", "input.connector.licence")


@pytest.fixture
def shop(marketplace: Marketplace) -> Marketplace:
    """A marketplace with one approved version, which the team payments has installed."""
    publish(marketplace, "1.4.0")
    for secret in ("crm_api_key", "slack_bot_token"):
        path = f"{V1}/teams/payments/secrets/{secret}"
        marketplace.client.put(path, json={"value": "x"}, headers=marketplace.as_("max"))
    assert install(marketplace).status_code == 202
    return marketplace


def impact(shop: Marketplace, sent: bytes, by: str = "admin") -> dict:
    path = f"{V1}/policies:impact"
    return shop.client.post(path, content=sent, headers=shop.as_(by)).json()


def adopt(shop: Marketplace, sent: bytes) -> None:
    headers = shop.as_("admin")
    path = f"{V1}/policies/bundles"
    digest = shop.client.post(path, content=sent, headers=headers).json()["digest"]
    done = shop.client.post(f"{path}/{digest}:activate", headers=headers)
    assert done.status_code == 200, done.text


def test_the_rules_in_force_change_nothing(shop: Marketplace) -> None:
    adopt(shop, packed())

    told = impact(shop, packed())

    assert told["former"] == told["proposed"]
    assert (told["items"], told["teams"]) == ([], [])


def test_what_is_newly_denied_is_told_by_team(shop: Marketplace) -> None:
    told = impact(shop, packed(STRICT, "Apache-2.0"))

    listed = [(one["kind"], one["name"], one["change"]) for one in told["items"]]
    assert listed == [
        ("version", "bizops/crm-to-slack-v1@1.4.0", "newly-denied"),
        ("instance", "payments/leads", "newly-denied"),
    ]
    assert {one["team"]: one["newly_denied"] for one in told["teams"]} == {
        "bizops": 1,
        "payments": 1,
    }
    assert told["items"][0]["said"][0]["message"] == "nobody knows the licence Apache-2.0"


def test_what_is_newly_allowed_says_why_it_was_not(shop: Marketplace) -> None:
    adopt(shop, packed(STRICT))

    told = impact(shop, packed())

    assert {one["change"] for one in told["items"]} == {"newly-allowed"}
    assert "Apache-2.0" in told["items"][0]["said"][0]["message"]


def test_rules_that_read_what_is_not_there_are_inconclusive(shop: Marketplace) -> None:
    told = impact(shop, packed(BLIND))

    assert {one["change"] for one in told["items"]} == {"inconclusive"}
    assert "licence" in told["items"][0]["said"][0]["message"]


def test_drafts_are_left_alone(shop: Marketplace) -> None:
    draft = {"vetting_status: review": "vetting_status: draft"}
    publish(shop, "1.9.0", draft, approve=False)

    told = impact(shop, packed(STRICT, "Apache-2.0"))

    assert not [one for one in told["items"] if one["name"].endswith("@1.9.0")]


@pytest.mark.parametrize("by", ["max", "ana"])
def test_it_is_for_admins(shop: Marketplace, by: str) -> None:
    assert impact(shop, packed(), by)["code"] == "not-admin"
