"""What hides in a text is shown: invisible characters, turned directions, look-alikes."""

import pytest

from connectory.web.unseen import revealed
from payloads import TEXTS


@pytest.mark.parametrize(
    ("letter", "code"),
    [
        ("\u202e", "U+202E"),
        ("\u2066", "U+2066"),
        ("\u061c", "U+061C"),
        ("\u200b", "U+200B"),
        ("\ufeff", "U+FEFF"),
        ("\u00ad", "U+00AD"),
        ("\u00a0", "U+00A0"),
        ("\u3164", "U+3164"),
        ("\ufe0f", "U+FE0F"),
        ("\U000e0041", "U+E0041"),
        ("\x1b", "U+001B"),
        ("\r", "U+000D"),
        ("\u2028", "U+2028"),
    ],
)
def test_an_unseen_character_is_named(letter: str, code: str) -> None:
    shown = revealed(f"a{letter}b")

    assert f">{code}</mark>" in shown
    assert letter not in shown


@pytest.mark.parametrize("word", ["p\u0430ypal", "\u0405lack", "\u0441\u043e\u0440\u0435"])
def test_a_letter_that_looks_like_a_latin_one_is_marked(word: str) -> None:
    assert '<mark class="unseen"' in revealed(word)


@pytest.mark.parametrize(
    "text", ["x = 1  # done", "\tx", "Grüße", "Привет, мир", "日本語", "العربية", "naïve café"]
)
def test_what_is_seen_for_what_it_is_stays_as_it_is(text: str) -> None:
    assert revealed(text) == text


@pytest.mark.parametrize("text", TEXTS.values())
def test_a_text_stays_text(text: str) -> None:
    shown = revealed(f"{text}\u200b")

    assert "<script" not in shown
    assert "<img" not in shown
