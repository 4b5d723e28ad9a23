"""What waits for too long is said once for each stage, to those who can do something."""

import dataclasses
from datetime import timedelta

import pytest

from connectory.access import accounts
from connectory.vetting import reminding
from connectory.vetting.reminding import ReviewReminded
from connectory.vetting.rules import DUE
from connectory.work import log
from marketplaces import Marketplace
from reviewing import decide, review_of, sign, submit


def remind(shop: Marketplace, review: dict, part: float) -> None:
    """Look at the reviews after some part of the time that this one may take."""
    works = shop.state.works
    later: timedelta = part * DUE[review["risk"]]
    reminding.turn(dataclasses.replace(works, clock=lambda: works.clock() + later))


def reminders(shop: Marketplace) -> list[tuple[str, list[str], list[str]]]:
    shop.follow()
    with shop.state.works.read() as work:
        events = log.sealed_after(work.db, 0, 10_000)
    told = [one.facts for one in events if one.kind == ReviewReminded.__name__]
    return [(str(one["stage"]), one["missing"], one["to"]) for one in told]


def test_a_review_in_time_reminds_nobody(shop: Marketplace) -> None:
    remind(shop, submit(shop, "1.4.0"), 0.7)

    assert reminders(shop) == []


def test_each_stage_is_said_once_to_those_who_can_act(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    roles = review["missing"]
    for who in ("lee", "sam"):
        decide(shop, review, who)
    for part in (0.8, 0.9, 1.1, 1.9, 2.1, 9):
        remind(shop, review, part)
    left = [role for role in roles if role not in {"architect", "security"}]
    people = sorted({"ops": "olu", "product": "pia"}[role] for role in left)

    assert reminders(shop) == [
        ("due-soon", left, people),
        ("overdue", left, people),
        ("escalated", left, ["admin"]),
    ]
    assert review_of(shop, "1.4.0")["stage"] == "escalated"


def test_after_a_while_without_a_server_only_the_last_stage_is_said(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    remind(shop, review, 5)

    assert [stage for stage, _, _ in reminders(shop)] == ["escalated"]


def test_who_was_disabled_is_not_reminded(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    with shop.state.works.write() as work:
        accounts.disable_account(work, "sam")
    remind(shop, review, 0.8)

    assert "sam" not in reminders(shop)[0][2]


def test_what_a_higher_version_replaced_reminds_nobody(shop: Marketplace) -> None:
    review = submit(shop, "1.4.0")
    later = submit(shop, "1.4.1")
    remind(shop, review, 9)

    [[stage, *_]] = reminders(shop)
    assert stage == "escalated"
    assert review_of(shop, "1.4.1")["stage"] == "escalated"
    assert review_of(shop, "1.4.0")["stage"] == ""
    assert later["state"] == "open"


def test_a_patch_of_an_older_line_replaces_nothing(shop: Marketplace) -> None:
    review = submit(shop, "1.5.0")
    submit(shop, "1.4.1")
    remind(shop, review, 9)

    assert [stage for stage, _, _ in reminders(shop)] == ["escalated", "escalated"]


@pytest.mark.parametrize("how", ["asked", "signed"])
def test_what_waits_for_its_author_or_is_over_reminds_nobody(
    shop: Marketplace, how: str
) -> None:
    review = submit(shop, "1.4.0")
    if how == "asked":
        decide(shop, review, "sam", "request-changes", comment="too wide")
    else:
        sign(shop, review)
    remind(shop, review, 9)

    assert reminders(shop) == []
