"""The veto of security always wins, and only security lifts it."""

import pytest
from httpx2 import Response

from connectory.access import accounts
from connectory.access.rules import Actor, Reviewer
from connectory.vetting import deciding
from connectory.vetting.deciding import Said
from connectory.vetting.rules import Decision
from connectory.work import Work
from marketplaces import Marketplace, racing
from reviewing import VERSION, decide, examine, review_of, sign, status_of, submit

STRANGER = "it sends leads to a stranger"


def veto(shop: Marketplace, review: dict, who: str = "sam", **more: str) -> Response:
    return decide(shop, review, who, "veto", **{"comment": STRANGER, **more})


def lift(shop: Marketplace, version: str, who: str = "sam") -> Response:
    return shop.client.request(
        "DELETE",
        f"{VERSION}/{version}/quarantine",
        json={"reason": "the host is ours"},
        headers=shop.as_(who),
    )


def test_a_veto_ends_a_review_whatever_the_others_say(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")

    vetoed = veto(shop, review).json()
    refused = decide(shop, review, "olu")

    assert (vetoed["state"], status_of(shop, "1.4.0")) == ("vetoed", "quarantined")
    assert vetoed["decisions"][-1]["comment"] == STRANGER
    assert (refused.status_code, refused.json()["code"]) == (409, "review-ended")


def test_a_veto_stops_what_was_approved(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    sign(shop, review)
    before = status_of(shop, "1.4.0")

    veto(shop, review)

    assert (before, status_of(shop, "1.4.0")) == ("approved", "quarantined")


def test_a_veto_given_twice_is_one(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")

    twice = [veto(shop, review).json() for _ in range(2)]

    assert twice[0] == twice[1]
    assert len(twice[1]["decisions"]) == 1


@pytest.mark.parametrize(
    ("who", "sent", "code"),
    [
        ("olu", {}, "veto-role"),
        ("olu", {"role": "security"}, "not-reviewer"),
        ("admin", {"role": "security"}, "not-reviewer"),
        ("sam", {"comment": " "}, "comment-missing"),
        ("sam", {"digest": "sha256:" + "0" * 64}, "review-outdated"),
    ],
)
def test_a_veto_is_security_s_alone_and_says_why(
    shop: Marketplace, who: str, sent: dict[str, str], code: str
) -> None:
    review = submit(shop, "1.4.0")

    refused = veto(shop, review, who, **sent)

    assert refused.json()["code"] == code
    assert review_of(shop, "1.4.0")["state"] == "open"


def test_nobody_but_security_lifts_a_veto_and_nobody_for_own_work(shop: Marketplace) -> None:
    with shop.state.works.write() as work:
        accounts.make_reviewer(work, "ana", Reviewer.SECURITY)
    veto(shop, submit(shop, "1.4.0"))

    refused = {who: lift(shop, "1.4.0", who).json()["code"] for who in ("admin", "olu", "ana")}

    assert refused == {"admin": "not-reviewer", "olu": "not-reviewer", "ana": "own-work"}
    assert status_of(shop, "1.4.0") == "quarantined"


def test_an_author_who_reviews_for_security_may_stop_own_work(shop: Marketplace) -> None:
    with shop.state.works.write() as work:
        accounts.make_reviewer(work, "ana", Reviewer.SECURITY)

    stopped = veto(shop, submit(shop, "1.4.0"), "ana", role="security")

    assert stopped.json()["state"] == "vetoed"


def test_a_lifted_veto_opens_the_review_again_and_security_signs_anew(
    shop: Marketplace,
) -> None:
    review = submit(shop, "1.4.0")
    for who in ("sam", "lee", "pia"):
        decide(shop, review, who)
    veto(shop, review)

    lift(shop, "1.4.0")
    examine(shop)
    again = review_of(shop, "1.4.0")
    before = status_of(shop, "1.4.0")
    sign(shop, again)

    assert (again["state"], again["missing"]) == ("open", ["security", "ops"])
    assert (before, status_of(shop, "1.4.0")) == ("review", "approved")


def test_a_lifted_veto_gives_an_approved_version_its_approval_back(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    sign(shop, review)
    veto(shop, review)

    lift(shop, "1.4.0")
    examine(shop)
    lifted = review_of(shop, "1.4.0")

    assert (lifted["state"], status_of(shop, "1.4.0")) == ("approved", "approved")
    assert lifted["decisions"][-1]["comment"] == "lifts the veto: the host is ours"


def test_the_version_after_a_lifted_veto_is_looked_at_by_security(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    sign(shop, review)
    veto(shop, review)
    lift(shop, "1.4.0")

    assert submit(shop, "1.4.1")["missing"] == ["security"]


def test_while_a_version_is_quarantined_security_looks_at_each_other_one(
    shop: Marketplace,
) -> None:
    sign(shop, submit(shop, "1.4.0"))
    veto(shop, submit(shop, "1.4.1"))

    again = submit(shop, "1.4.2")

    assert (again["grown"], again["missing"]) == ({}, ["security"])
    assert status_of(shop, "1.4.2") == "review"


@pytest.mark.parametrize("first", [Decision.VETO, Decision.APPROVE])
def test_of_a_veto_and_the_last_sign_off_at_once_the_veto_wins(
    shop: Marketplace, first: Decision
) -> None:
    review = submit(shop, "1.4.0")
    for who in ("sam", "lee", "pia"):
        decide(shop, review, who)
    said = {
        Decision.VETO: (Reviewer.SECURITY, "sam"),
        Decision.APPROVE: (Reviewer.OPS, "olu"),
    }
    order = [first, *(one for one in said if one is not first)]

    def decide_next(work: Work) -> object:
        decision = order.pop(0)
        role, who = said[decision]
        spoken = Said(role, decision, review["digest"], STRANGER)
        return deciding.decide(work, review["id"], spoken, Actor(who, via="test"))

    racing(shop.state.works, decide_next)

    assert review_of(shop, "1.4.0")["state"] == "vetoed"
    assert status_of(shop, "1.4.0") == "quarantined"


def test_a_role_lost_meanwhile_has_no_veto(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    with shop.state.works.write() as work:
        accounts.end_reviewer(work, "sam", Reviewer.SECURITY)

    refused = veto(shop, review)

    assert (refused.status_code, refused.json()["code"]) == (403, "not-reviewer")
