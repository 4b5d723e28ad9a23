"""Characters that a reader would not see, or would take for others, made visible."""

import re
import unicodedata
from collections.abc import Iterator

from markupsafe import Markup, escape

UNSEEN_KINDS = {"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"}
"""Control and formatting characters, halves, private and unassigned ones, blanks, breaks."""
USUAL = {" ", "\t", "\n"}
FILLERS = re.compile("[\u115f\u1160\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""What is no letter, blank or control character by its category, and yet cannot be seen."""
WORD = re.compile(r"\w+")
LATIN = re.compile("[A-Za-z]")
LATIN_LIKE = re.compile("[АВЕКМНОРСТХаеорсухіјѕԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧο]+")  # noqa: RUF001
"""Words of these alone could be read as Latin ones."""
ALIKE = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
"""Scripts with letters that look like Latin ones."""


def revealed(text: str) -> Markup:
    """Write a text so that every character in it is seen for what it is.

    What is invisible or turns the direction of reading is written as its code point; a letter
    of another script within a word that can be read as a Latin one gets it beside itself.
    """
    if text.isascii() and text.isprintable():
        return escape(text)
    marked = {**dict(_unseen(text)), **dict(_alike(text))}
    return Markup("").join(
        _mark(letter, marked[at]) if at in marked else escape(letter)
        for at, letter in enumerate(text)
    )


def _unseen(text: str) -> Iterator[tuple[int, str]]:
    for at, letter in enumerate(text):
        if is_unseen(letter):
            yield at, ""


def is_unseen(letter: str) -> bool:
    """Whether a character leaves no mark of its own, or changes how others are read."""
    is_kind = unicodedata.category(letter) in UNSEEN_KINDS and letter not in USUAL
    return is_kind or FILLERS.match(letter) is not None


def _alike(text: str) -> Iterator[tuple[int, str]]:
    for word in WORD.finditer(text):
        if LATIN.search(word.group()) or LATIN_LIKE.fullmatch(word.group()):
            for at in range(*word.span()):
                if unicodedata.name(text[at], "").startswith(ALIKE):
                    yield at, text[at]


def _mark(letter: str, shown: str) -> Markup:
    name = unicodedata.name(letter, "a control character")
    code = f"{shown} U+{ord(letter):04X}".lstrip()
    return Markup('<mark class="unseen" title="{}">{}</mark>').format(name, code)
