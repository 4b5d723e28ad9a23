from dataclasses import replace

import pytest

from connectory.listing.likeness import Likeness, Profile, likeness

NONE: frozenset[str] = frozenset()
LEADS = Profile(
    systems=frozenset({"crm", "slack"}),
    triggers=frozenset({"webhook"}),
    tags=frozenset({"alert"}),
    name="crm-to-slack-v1 CRM to Slack",
    text="Sends new CRM leads to a channel",
)
EMPTY = Profile(NONE, NONE, NONE, "", "")


def test_the_same_is_wholly_alike_for_every_reason() -> None:
    assert likeness(LEADS, LEADS) == Likeness(
        1.0,
        (
            "both use crm and slack",
            "both are tagged alert",
            "their descriptions are alike",
            "their names are alike",
            "both start by webhook",
        ),
    )


def test_nothing_is_like_nothing() -> None:
    assert likeness(EMPTY, EMPTY) == Likeness(0, ())


def test_systems_count_more_than_words() -> None:
    other_words = replace(LEADS, name="pipeline ping", text="Pings a room when a deal opens")
    other_systems = replace(LEADS, systems=frozenset({"okta", "jira"}))

    assert likeness(LEADS, other_words).score > 0.6
    assert likeness(LEADS, other_systems).score < 0.7
    assert "both use" not in " ".join(likeness(LEADS, other_systems).reasons)


def test_what_neither_says_does_not_count() -> None:
    bare = Profile(frozenset({"slack"}), NONE, NONE, "", "")

    assert likeness(bare, bare) == Likeness(1.0, ("both use slack",))


@pytest.mark.parametrize("other", [EMPTY, replace(LEADS, systems=NONE), LEADS])
def test_likeness_has_no_direction(other: Profile) -> None:
    assert likeness(LEADS, other) == likeness(other, LEADS)


def test_the_major_version_in_an_id_is_no_difference() -> None:
    newer = replace(LEADS, name="crm-to-slack-v2 CRM to Slack")

    assert likeness(LEADS, newer).score == 1.0
