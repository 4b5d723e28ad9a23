import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectory.access.rules import Actor, Role
from connectory.listing.rules import (
    FILTERS,
    MAX_TEXT,
    MAX_VALUES,
    MAX_WORDS,
    BadQueryError,
    ask,
    joined,
    query,
    reasons,
)

ADMIN = Actor("root", is_admin=True)
MAX = Actor("max", teams={"payments": Role.VIEWER, "bizops": Role.OWNER})


def test_words_and_filters_are_told_apart() -> None:
    question = ask("crm tag:alert owner:bizops -status:deprecated slack uses:slack tag:CRM")

    assert question.words == ("crm", "slack")
    assert question.kept == {
        "tag": ("alert", "crm"),
        "owner": ("bizops",),
        "uses": ("slack",),
    }
    assert question.excluded == {"status": ("deprecated",)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"tag:alert"', ("tag:alert",)),
        ('"two words"', ("two", "words")),
        ('"unclosed', ('"unclosed',)),
        ('a"b"c', ('a"b"c',)),
        ("col:x", ("col:x",)),
        ("Tag:alert", ("Tag:alert",)),
        ("tag:", ("tag:",)),
        ('tag:""', ('tag:""',)),
        ('tag:"a"b', ('tag:"a"b',)),
        ("-slack", ("-slack",)),
        ("--tag:x", ("--tag:x",)),
        ("NOT (crm OR slack)", ("NOT", "(crm", "OR", "slack)")),
        ('""', ('""',)),
        ("", ()),
    ],
)
def test_everything_else_is_literal(text: str, words: tuple[str, ...]) -> None:
    question = ask(text)

    assert question.words == words
    assert (question.kept, question.excluded) == ({}, {})


def test_a_value_with_spaces_is_quoted() -> None:
    assert ask('uses:"Google Sheets"').kept == {"uses": ("google sheets",)}


def test_owners_are_compared_without_their_mail_host() -> None:
    question = ask("owner:BizOps@example.com", filters={"owner": ["bizops", "@", " "]})

    assert question.kept == {"owner": ("bizops",)}


@pytest.mark.parametrize(
    ("text", "filters", "what", "position"),
    [
        ("x" * (MAX_TEXT + 1), {}, "characters", MAX_TEXT),
        ("a " * (MAX_WORDS + 1), {}, "words", 2 * MAX_WORDS),
        ("abc", {"tag": [str(n) for n in range(MAX_VALUES + 1)]}, "filter values", 3),
    ],
)
def test_what_is_too_long_is_refused_with_its_place(
    text: str, filters: dict[str, list[str]], what: str, position: int
) -> None:
    with pytest.raises(BadQueryError, match=what) as caught:
        ask(text, filters=filters)

    assert caught.value.facts["position"] == position


@given(st.lists(st.text(max_size=20), max_size=MAX_WORDS))
@settings(deadline=None)
def test_there_is_no_syntax_error(words: list[str]) -> None:
    text = " ".join(" ".join(words).split()[:MAX_WORDS])[:MAX_TEXT]

    question = ask(text)

    assert set(question.kept) | set(question.excluded) <= set(FILTERS)


def test_deprecated_connectors_are_hidden_unless_asked_for() -> None:
    assert query(ask("slack"), ADMIN).excluded["status"] == ("deprecated",)
    assert query(ask("status:deprecated"), ADMIN).excluded == {}
    assert query(ask("-status:review"), ADMIN).excluded["status"] == ("review", "deprecated")


def test_readers_find_what_is_for_everyone_and_for_their_teams() -> None:
    assert query(ask(""), Actor("anonymous")).facets["audience"] == ("everyone",)
    assert query(ask(""), MAX).facets["audience"] == (
        "everyone",
        "team:bizops",
        "team:payments",
    )
    assert query(ask(""), ADMIN).facets["audience"] == ()


def test_reasons_name_the_best_fields_first_and_are_few() -> None:
    matched = {
        "description": ((("to ", False), ("Slack", True), (", ", False), ("Slack", True)),),
        "tags": ((("slack", True), ("-bot", False)), (("slack", True),)),
        "name": ((("CRM -> ", False), ("Slack", True)),),
    }

    assert reasons(matched) == ("name “Slack”", "tag “slack-bot”", "tag “slack”")
    assert reasons({"description": matched["description"]}) == ("description “Slack”",)


def test_several_values_become_one_text() -> None:
    values = ((("a", True),), (("b", False), ("c", True)))

    assert joined(values) == (("a", True), (", ", False), ("b", False), ("c", True))
