"""Admins appoint reviewers; what they may do counts from their next request on."""

from marketplaces import Marketplace

V1 = "/api/v1"


def role(shop: Marketplace, method: str, account: str, kind: str, by: str = "admin") -> int:
    path = f"{V1}/accounts/{account}/reviewer-roles/{kind}"
    return shop.client.request(method, path, headers=shop.as_(by)).status_code


def reviewers(shop: Marketplace) -> dict[str, list[str]]:
    found = shop.client.get(f"{V1}/reviewers", headers=shop.as_("zoe")).json()["items"]
    return {one["account"]: one["roles"] for one in found}


def test_an_admin_appoints_and_dismisses_reviewers(site: Marketplace) -> None:
    made = [role(site, "PUT", "zoe", kind) for kind in ("security", "ops", "ops")]
    before, me = reviewers(site), site.client.get(f"{V1}/me", headers=site.as_("zoe")).json()

    ended = role(site, "DELETE", "zoe", "ops")

    assert (made, ended) == ([204, 204, 204], 204)
    assert before == {"zoe": ["ops", "security"]}
    assert me["reviewer"] == ["ops", "security"]
    assert reviewers(site) == {"zoe": ["security"]}


def test_each_appointment_is_in_the_log_once(site: Marketplace) -> None:
    for _ in range(2):
        role(site, "PUT", "zoe", "security")
    role(site, "DELETE", "zoe", "security")
    site.follow()

    log = site.client.get(f"{V1}/audit?limit=100", headers=site.as_("admin")).json()["items"]

    told = [
        (one["kind"], one["actor"], one["subject"])
        for one in log
        if one["kind"].startswith("Reviewer")
    ]
    assert sorted(told) == [("ReviewerEnded", "admin", "zoe"), ("ReviewerMade", "admin", "zoe")]


def test_there_must_be_such_an_account_and_such_a_role(site: Marketplace) -> None:
    assert role(site, "PUT", "nobody", "ops") == 404
    assert role(site, "PUT", "zoe", "chief") == 422


def test_nobody_but_an_admin_appoints(site: Marketplace) -> None:
    assert role(site, "PUT", "kim", "security", by="kim") == 403
    assert reviewers(site) == {}
