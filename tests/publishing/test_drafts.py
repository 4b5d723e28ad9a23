"""Drafts: private, limited, and gone in time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connectory.access.accounts import create_account
from connectory.access.rules import Actor
from connectory.publishing import drafts, wizard
from connectory.publishing.rules import (
    MOST_DRAFTS,
    DraftMissingError,
    SecretInDraftError,
    TemplateMissingError,
    TooManyDraftsError,
)
from connectory.work import Work

ANA, BOB = (Actor(name, "test") for name in ("ana", "bob"))


@pytest.fixture
def desk(work: Work) -> Work:
    """A unit of work in which ana and bob exist."""
    for actor in (ANA, BOB):
        create_account(work, actor.name)
    return work


def test_a_draft_is_found_by_its_author_alone(desk: Work) -> None:
    draft = drafts.start(desk, ANA, "", "id: a-b\n")

    assert drafts.find(desk, draft.id, ANA) == draft
    assert drafts.mine(desk, BOB) == ()
    with pytest.raises(DraftMissingError):
        drafts.find(desk, draft.id, BOB)
    with pytest.raises(DraftMissingError):
        drafts.delete(desk, draft.id, BOB)


def test_the_last_changed_draft_comes_first(desk: Work) -> None:
    first, second = (drafts.start(desk, ANA, "", f"id: a-{n}\n") for n in range(2))

    later = replace(desk, now=desk.now + timedelta(seconds=1))
    drafts.save(later, first, "id: changed\n")

    assert [one.id for one in drafts.mine(desk, ANA)] == [first.id, second.id]
    assert drafts.mine(desk, ANA)[0].text == "id: changed\n"


def test_an_account_has_a_limited_number(desk: Work) -> None:
    for _ in range(MOST_DRAFTS):
        drafts.start(desk, ANA, "", "")

    with pytest.raises(TooManyDraftsError):
        drafts.start(desk, ANA, "", "")
    drafts.start(desk, BOB, "", "")


@pytest.mark.parametrize(
    "value",
    [
        "xoxb-" + "1" * 12,
        "ghp_" + "a" * 36,
        "AKIA" + "A" * 16,
        "cty_" + "0" * 38,
        "-----BEGIN RSA PRIVATE " + "KEY-----",
    ],
)
def test_what_looks_like_a_secret_is_refused_without_its_value(desk: Work, value: str) -> None:
    draft = drafts.start(desk, ANA, "", "")

    with pytest.raises(SecretInDraftError, match="line 2") as refused:
        drafts.save(desk, draft, f"id: a-b\nname: {value}\n")

    assert value not in f"{refused.value.message}{refused.value.hint}"


def test_what_nobody_changes_is_deleted_in_time(desk: Work) -> None:
    old = drafts.start(desk, ANA, "", "")
    later = replace(desk, now=desk.now + timedelta(days=90, seconds=1))
    new = drafts.start(later, ANA, "", "")

    drafts.expire(later, 90)

    assert [one.id for one in drafts.mine(desk, ANA)] == [new.id]
    assert old.id != new.id


def test_an_unknown_template_is_named_with_those_there_are() -> None:
    with pytest.raises(TemplateMissingError) as refused:
        wizard.first_text("serverless-python", "ana", "")

    assert "webhook-to-slack" in refused.value.hint
