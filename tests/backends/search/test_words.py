import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectory.backends.search.words import (
    MAX_TERMS,
    chunks,
    fold,
    is_within,
    mark,
    normal,
    wanted,
)


def words(text: str) -> list[str]:
    return [word.text for chunk in chunks(normal(text)) for word in chunk.words()]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("crm-to-slack", ["crm", "to", "slack", "crmtoslack"]),
        ("CRM->Slack", ["crm", "slack", "crmslack"]),
        ("HTTPServer", ["http", "server", "httpserver"]),
        ("S3Bucket", ["s3", "bucket", "s3bucket"]),
        ("cafe\u0301 Straße", ["cafe", "strasse"]),
        ("日本語", ["日本語"]),
        ("\u2460\u2461", ["12"]),
        ("% -> _ \0", []),
    ],
)
def test_texts_are_cut_at_signs_and_at_capitals(text: str, found: list[str]) -> None:
    assert words(text) == found


@given(st.text())
@settings(deadline=None)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(), st.sets(st.text(alphabet="abAB1é", max_size=3)))
@settings(deadline=None)
def test_marked_pieces_joined_are_the_text(text: str, some: set[str]) -> None:
    pieces = mark(normal(text), lambda word: word[:1] in "ab1" or word in some)

    assert "".join(piece for piece, _ in pieces) in {normal(text), ""}


@pytest.mark.parametrize(
    ("edits", "left", "right", "expected"),
    [
        (1, "slack", "slakc", True),
        (1, "slack", "slac", True),
        (1, "slack", "sslack", True),
        (1, "slack", "slick", True),
        (1, "slack", "slick1", False),
        (2, "slack", "slick1", True),
        (0, "slack", "slack", True),
        (0, "slack", "slac", False),
        (2, "abcd", "badc", True),
        (1, "abcd", "badc", False),
    ],
)
def test_single_changes_are_counted(
    edits: int, left: str, right: str, *, expected: bool
) -> None:
    assert is_within(edits, left, right) is expected
    assert is_within(edits, right, left) is expected


def test_of_a_very_long_query_only_the_first_words_count() -> None:
    many = wanted([f"word{n}" for n in range(1000)])

    assert len(many) == MAX_TERMS
    assert [chunk.whole.begins for chunk in many] == [False] * (MAX_TERMS - 1) + [True]


def test_one_endless_chunk_is_cut_too() -> None:
    (chunk,) = wanted(["a-" * 5000])

    assert len(chunk.parts) == MAX_TERMS
    assert len(chunk.whole.text) <= 40
