"""Others decide in one's place: for some versions, for a while, and never a veto."""

import dataclasses
from datetime import timedelta

import pytest
from httpx2 import Response

from connectory.access import accounts
from connectory.access.rules import Actor, Reviewer
from connectory.vetting import deciding, delegating
from connectory.vetting.deciding import Said
from connectory.vetting.rules import Decision
from connectory.work import Work
from marketplaces import Marketplace, racing
from reviewing import V1, decide, review_of, sign, status_of, submit

PATH = f"{V1}/delegations"
HIGH = {'"risk:low"': '"risk:high"'}


def delegate(shop: Marketplace, by: str = "sam", **more: object) -> Response:
    wish = {"to": "zoe", "role": "security", "days": 7}
    return shop.client.post(PATH, json={**wish, **more}, headers=shop.as_(by))


def as_security(shop: Marketplace, review: dict, who: str = "zoe", **more: str) -> Response:
    return decide(shop, review, who, **{"role": "security", **more})


def test_a_delegate_signs_for_whoever_delegated_and_the_review_says_so(
    shop: Marketplace,
) -> None:
    made = delegate(shop)
    review = submit(shop, "1.4.0")
    mine = shop.client.get(f"{V1}/reviews", params={"mine": True}, headers=shop.as_("zoe"))

    signed = as_security(shop, review).json()
    sign(shop, signed)

    [entry] = [one for one in signed["decisions"] if one["role"] == "security"]
    assert made.status_code == 201
    assert [one["id"] for one in mine.json()["items"]] == [review["id"]]
    assert (entry["account"], entry["behalf_of"]) == ("zoe", "sam")
    assert status_of(shop, "1.4.0") == "approved"
    shown = shop.client.get(f"{V1}/connectors/bizops/crm-to-slack-v1/versions/1.4.0").json()
    assert "security zoe for sam" in shown["status"]["reason"]


def test_a_veto_is_not_delegated(shop: Marketplace) -> None:
    delegate(shop)
    review = submit(shop, "1.4.0")

    refused = as_security(shop, review, decision="veto", comment="a reason")

    assert (refused.status_code, refused.json()["code"]) == (403, "not-reviewer")
    assert review_of(shop, "1.4.0")["state"] == "open"


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ({}, ""),
        ({"tag": "crm"}, ""),
        ({"risk": "low"}, ""),
        ({"tag": "billing"}, "delegation-scope"),
        ({"role": "ops"}, "not-reviewer"),
    ],
)
def test_a_delegation_is_for_a_role_and_a_tag(
    shop: Marketplace, scope: dict[str, str], code: str
) -> None:
    delegate(shop, "olu" if scope.get("role") == "ops" else "sam", **scope)

    answer = as_security(shop, submit(shop, "1.4.0"))

    assert answer.json().get("code", "") == code


def test_a_delegation_is_for_a_risk_and_what_is_below_it(shop: Marketplace) -> None:
    delegate(shop, risk="medium")

    refused = as_security(shop, submit(shop, "1.4.0", HIGH))

    assert (refused.status_code, refused.json()["code"]) == (403, "delegation-scope")


def test_nobody_signs_own_work_for_another_nor_lets_another_sign_it(shop: Marketplace) -> None:
    with shop.state.works.write() as work:
        accounts.make_reviewer(work, "ana", Reviewer.SECURITY)
    delegate(shop, to="ana")
    delegate(shop, "ana")
    review = submit(shop, "1.4.0")

    by_author = as_security(shop, review, "ana")
    for_author = as_security(shop, review, "zoe")

    assert by_author.json()["code"] == "own-work"
    assert for_author.json()["code"] == "delegation-scope"


def test_nobody_delegates_what_was_delegated(shop: Marketplace) -> None:
    delegate(shop)

    refused = delegate(shop, "zoe", to="max")

    assert (refused.status_code, refused.json()["code"]) == (403, "not-reviewer")


def test_a_delegation_that_was_revoked_or_whose_giver_lost_the_role_does_not_count(
    shop: Marketplace,
) -> None:
    made = delegate(shop).json()
    delegate(shop, "lee", role="architect")
    review = submit(shop, "1.4.0")
    shop.client.delete(f"{PATH}/{made['id']}", headers=shop.as_("sam"))
    with shop.state.works.write() as work:
        accounts.end_reviewer(work, "lee", Reviewer.ARCHITECT)

    codes = [decide(shop, review, "zoe", role=role).json()["code"] for role in ROLES]

    assert codes == ["not-reviewer", "delegation-scope"]
    assert review_of(shop, "1.4.0")["decisions"] == []


ROLES = ("security", "architect")


def test_a_delegation_ends_with_its_time_and_with_the_account_of_its_giver(
    shop: Marketplace,
) -> None:
    delegate(shop, days=1)
    with shop.state.works.write() as work:
        [one] = delegating.delegation_store.of_taker(work, "zoe")
        later = dataclasses.replace(work, now=work.now + timedelta(days=1))
        now_and_then = [delegating.is_in_force(each, one) for each in (work, later)]
        accounts.disable_account(work, "sam")
        without_giver = delegating.is_in_force(work, one)

    assert now_and_then == [True, False]
    assert not without_giver


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"days": 0}, 422),
        ({"days": 91}, 422),
        ({"to": "nobody"}, 404),
        ({"to": "sam"}, 422),
        ({"role": "ops"}, 403),
        ({"risk": "huge"}, 422),
    ],
)
def test_a_delegation_needs_an_own_role_another_account_and_an_end(
    shop: Marketplace, wrong: dict[str, object], status: int
) -> None:
    assert delegate(shop, **wrong).status_code == status
    assert shop.client.get(PATH, headers=shop.as_("admin")).json()["items"] == []


def test_those_concerned_see_and_end_a_delegation(shop: Marketplace) -> None:
    made = delegate(shop).json()

    seen = {
        who: len(shop.client.get(PATH, headers=shop.as_(who)).json()["items"])
        for who in ("sam", "zoe", "admin", "max")
    }
    ended = {
        who: shop.client.delete(f"{PATH}/{made['id']}", headers=shop.as_(who)).status_code
        for who in ("max", "zoe", "admin")
    }

    assert seen == {"sam": 1, "zoe": 1, "admin": 1, "max": 0}
    assert ended == {"max": 404, "zoe": 204, "admin": 204}


def test_a_delegation_that_is_revoked_while_its_taker_decides_counts_or_does_not(
    shop: Marketplace,
) -> None:
    made = delegate(shop).json()
    review = submit(shop, "1.4.0")
    said = Said(Reviewer.SECURITY, Decision.APPROVE, review["digest"])
    turns = ["revoke", "decide"]

    def next_turn(work: Work) -> object:
        if turns.pop(0) == "revoke":
            return delegating.revoke(work, made["id"], Actor("sam", via="test"))
        return deciding.decide(work, review["id"], said, Actor("zoe", via="test"))

    _, refused = racing(shop.state.works, next_turn)

    assert refused.code == "not-reviewer"
    assert review_of(shop, "1.4.0")["decisions"] == []
