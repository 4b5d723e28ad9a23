"""A changed submission keeps what it does not touch, and says what it changed."""

from marketplaces import Marketplace
from reviewing import VERSION, decide, examine, review_of, sign, status_of, submit

NEW_HOST = {"[slack.com, ": "[slack.com, api.dir.example, "}
GPL = {"license: Apache-2.0": "license: GPL-3.0-only"}


def seen_by(shop: Marketplace, version: str, who: str) -> dict | None:
    path = f"{VERSION}/{version}/review"
    return shop.client.get(path, headers=shop.as_(who)).json()["since_last_seen"]


def test_a_correction_goes_live_with_the_sign_offs_that_there_were(shop: Marketplace) -> None:
    sign(shop, submit(shop, "1.4.0", GPL))
    submit(shop, "1.4.1")

    assert (status_of(shop, "1.4.0"), status_of(shop, "1.4.1")) == ("review", "approved")


def test_what_grew_since_the_last_submission_resets_the_role_that_owns_it(
    shop: Marketplace,
) -> None:
    first = submit(shop, "1.4.0")
    for who in ("sam", "olu"):
        decide(shop, first, who)
    second = submit(shop, "1.4.1", NEW_HOST)

    assert "security" in second["missing"]
    assert "ops" not in second["missing"]
    assert second["since_last_seen"] == {
        "version": "1.4.0",
        "digest": first["digest"],
        "was_seen": True,
        "grown": {"hosts": ["api.dir.example"]},
        "gone": {},
        "is_package_changed": True,
        "reset": ["security"],
    }


def test_who_asked_for_changes_is_asked_again(shop: Marketplace) -> None:
    sign(shop, submit(shop, "1.4.0"))
    asked = submit(shop, "1.4.1", NEW_HOST)
    decide(shop, asked, "olu", "request-changes", comment="no runbook for it")
    decide(shop, asked, "sam")
    fixed = submit(shop, "1.4.2", NEW_HOST)

    assert fixed["missing"] == ["ops"]
    assert fixed["grown"] == {"hosts": ["api.dir.example"]}


def test_nobody_looks_twice_and_each_sees_what_changed_since(shop: Marketplace) -> None:
    decide(shop, submit(shop, "1.4.0"), "sam", "request-changes", comment="which host?")
    submit(shop, "1.4.1", NEW_HOST)
    submit(shop, "1.4.2", NEW_HOST)

    sam, olu = (seen_by(shop, "1.4.2", who) for who in ("sam", "olu"))
    assert (sam["version"], sam["was_seen"], sam["grown"]) == (
        "1.4.0",
        True,
        {"hosts": ["api.dir.example"]},
    )
    assert (olu["version"], olu["was_seen"], olu["grown"]) == ("1.4.1", False, {})


def test_a_draft_is_compared_for_those_alone_who_know_it(shop: Marketplace) -> None:
    decide(shop, submit(shop, "1.4.0"), "sam", "request-changes", comment="which host?")
    body = {"status": "draft", "message": "I change it"}
    shop.client.patch(f"{VERSION}/1.4.0/status", json=body, headers=shop.as_("admin"))
    examine(shop)
    submit(shop, "1.4.1", NEW_HOST)

    assert seen_by(shop, "1.4.1", "sam")["version"] == "1.4.0"
    assert seen_by(shop, "1.4.1", "ana")["version"] == "1.4.0"
    assert seen_by(shop, "1.4.1", "olu") is None


def test_the_same_bytes_submitted_again_keep_their_sign_offs_and_wait_anew(
    shop: Marketplace,
) -> None:
    before = submit(shop, "1.4.0")
    decide(shop, before, "sam")
    for status in ("draft", "review"):
        body = {"status": status, "message": "wait"}
        shop.client.patch(f"{VERSION}/1.4.0/status", json=body, headers=shop.as_("admin"))
        examine(shop)
    again = review_of(shop, "1.4.0")

    assert (again["id"], again["state"]) == (before["id"], "open")
    assert "security" not in again["missing"]
    assert again["opened_at"] >= before["opened_at"]
