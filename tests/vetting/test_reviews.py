"""A version is approved by the sign-offs that it needs, each about exactly its bytes."""

import dataclasses
from datetime import timedelta

import pytest
from httpx2 import Response

from connectory.access import accounts
from connectory.access.rules import Actor, Reviewer
from connectory.vetting import deciding, review_store, settling
from connectory.vetting.deciding import Said
from connectory.vetting.rules import Decision
from connectory.work import Work
from marketplaces import Marketplace, racing
from releases import publish
from reviewing import V1, VERSION, decide, examine, review_of, sign, status_of, submit


def test_the_last_sign_off_approves_the_version(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    before = status_of(shop, "1.4.0")
    sign(shop, review)

    after = review_of(shop, "1.4.0")
    assert (before, status_of(shop, "1.4.0")) == ("review", "approved")
    assert after["state"] == "approved"
    assert review["open_points"] == [f"sign-off of {role}" for role in review["missing"]]
    assert {role["role"] for role in review["roles"]} == set(review["missing"])


def test_an_unchanged_surface_goes_live_without_a_human(shop: Marketplace) -> None:
    first = submit(shop, "1.4.0")
    sign(shop, first)
    second = submit(shop, "1.4.1")

    assert status_of(shop, "1.4.1") == "approved"
    assert second["grown"] == {}
    assert {one["carried_from"] for one in second["decisions"]} == {first["digest"]}


def test_a_new_host_asks_security_alone(shop: Marketplace) -> None:
    sign(shop, submit(shop, "1.4.0"))
    review = submit(shop, "1.4.1", {"[slack.com, ": "[slack.com, api.dir.example, "})

    assert review["missing"] == ["security"]
    assert review["grown"] == {"hosts": ["api.dir.example"]}
    assert status_of(shop, "1.4.1") == "review"


def test_what_an_admin_approved_carries_nothing_over(shop: Marketplace) -> None:
    publish(shop, "1.4.0")
    examine(shop)

    assert len(submit(shop, "1.4.1")["missing"]) >= 3


def test_a_failed_check_blocks_whatever_is_signed(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0", {"license: Apache-2.0": "license: GPL-3.0-only"})
    sign(shop, review)

    assert status_of(shop, "1.4.0") == "review"
    assert review_of(shop, "1.4.0")["open_points"] == ["licences failed"]


def test_an_admin_who_decides_closes_the_review(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    body = {"status": "approved", "message": "it burns"}
    shop.client.patch(f"{VERSION}/1.4.0/status", json=body, headers=shop.as_("admin"))
    examine(shop)

    assert review_of(shop, "1.4.0")["state"] == "closed"
    assert decide(shop, review, "sam").json()["code"] == "review-ended"


def test_nobody_signs_off_own_work(shop: Marketplace) -> None:
    with shop.state.works.write() as work:
        accounts.make_reviewer(work, "ana", Reviewer.OPS)
    refused = decide(shop, submit(shop, "1.4.0"), "ana")

    assert (refused.status_code, refused.json()["code"]) == (403, "own-work")


def test_a_role_that_was_lost_meanwhile_decides_nothing(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    with shop.state.works.write() as work:
        accounts.end_reviewer(work, "olu", Reviewer.OPS)
    refused = decide(shop, review, "olu")

    assert (refused.status_code, refused.json()["code"]) == (403, "not-reviewer")


def test_a_decision_about_other_bytes_is_refused(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    refused = decide(shop, review, "sam", digest="sha256:" + "0" * 64)

    assert refused.json()["code"] == "review-outdated"
    assert review_of(shop, "1.4.0")["decisions"] == []


def test_changes_are_requested_with_a_reason_and_can_be_taken_back(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    silent = decide(shop, review, "sam", "request-changes")
    asked = decide(shop, review, "sam", "request-changes", comment="which scope is for what?")
    sign(shop, review)

    assert silent.json()["code"] == "comment-missing"
    assert asked.json()["state"] == "changes-requested"
    assert status_of(shop, "1.4.0") == "approved"


def test_approving_twice_is_recorded_once(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    twice = [decide(shop, review, "sam").json() for _ in range(2)]

    assert [len(one["decisions"]) for one in twice] == [1, 1]


def test_the_queue_of_a_role_holds_what_waits_for_it(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    decide(shop, review, "sam")
    asked = {"mine": "true"}

    mine = {
        who: shop.client.get(f"{V1}/reviews", params=asked, headers=shop.as_(who)).json()
        for who in ("sam", "olu", "max")
    }

    assert {who: len(found["items"]) for who, found in mine.items()} == {
        "sam": 0,
        "olu": 1,
        "max": 0,
    }
    assert mine["olu"]["items"][0]["position"] == 1


def test_of_two_who_approve_at_once_each_is_recorded(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    said = Said(Reviewer.OPS, Decision.APPROVE, review["digest"])

    def approve(work: Work) -> object:
        return deciding.decide(work, review["id"], said, Actor("olu", via="test"))

    first, second = racing(shop.state.works, approve)

    assert first.id == second.id
    assert len(review_of(shop, "1.4.0")["decisions"]) == 1


def test_following_the_log_again_changes_nothing(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    with shop.state.works.write() as work:
        work.db.exec_driver_sql("UPDATE vetting_cursor SET position = 0")
    examine(shop)

    assert review_of(shop, "1.4.0") == review


def waive(shop: Marketplace, who: str = "sam", **more: object) -> Response:
    wish = {"connector": "*", "check": "licences", "reason": "agreed", "days": 7}
    return shop.client.post(f"{V1}/waivers", json={**wish, **more}, headers=shop.as_(who))


GPL = {"license: Apache-2.0": "license: GPL-3.0-only"}


def test_a_failed_check_keeps_a_signed_version_from_approval_until_it_is_waived(
    shop: Marketplace,
) -> None:
    sign(shop, submit(shop, "1.4.0", GPL))
    before = status_of(shop, "1.4.0"), review_of(shop, "1.4.0")["open_points"]
    made = waive(shop, connector="bizops/crm-to-slack-v1")

    assert before == ("review", ["licences failed"])
    assert made.status_code == 201
    assert status_of(shop, "1.4.0") == "approved"


def test_a_waiver_for_another_connector_or_one_that_ended_has_no_effect(
    shop: Marketplace,
) -> None:
    waive(shop, connector="bizops/other")
    revoked = waive(shop).json()
    path = f"{V1}/waivers/{revoked['id']}"
    shop.client.delete(path, headers=shop.as_("sam"))
    sign(shop, submit(shop, "1.4.0", GPL))

    assert status_of(shop, "1.4.0") == "review"
    assert [one["connector"] for one in waivers(shop)] == ["bizops/other"]


def test_an_expired_waiver_has_no_effect(shop: Marketplace) -> None:
    waive(shop, days=1)
    review = submit(shop, "1.4.0", GPL)
    with shop.state.works.read() as work:
        later = dataclasses.replace(work, now=work.now + timedelta(days=2))
        found = review_store.by_id(work, review["id"])

        assert settling.open_points(work, found)[-1] != "licences failed"
        assert settling.open_points(later, found)[-1] == "licences failed"


@pytest.mark.parametrize(
    "wrong", [{"check": "no-such"}, {"days": 91}, {"days": 0}, {"reason": ""}]
)
def test_a_waiver_needs_a_check_a_reason_and_an_end(
    shop: Marketplace, wrong: dict[str, object]
) -> None:
    assert waive(shop, **wrong).status_code == 422
    assert waivers(shop) == []


def test_only_security_waives(shop: Marketplace) -> None:
    assert waive(shop, "lee").status_code == 403
    assert waive(shop, "admin").status_code == 403


def waivers(shop: Marketplace) -> list[dict]:
    listed = shop.client.get(f"{V1}/waivers", headers=shop.as_("sam")).json()["items"]
    return [one for one in listed if one["check"] != "dependencies"]
