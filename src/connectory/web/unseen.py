"""Characters that a reader would not see, or would take for others, made visible."""

import re
import unicodedata
from collections.abc import Iterator

from markupsafe import Markup, escape

from connectory.manifest.characters import HIDDEN, REFUSED

UNSEEN = re.compile(f"{REFUSED.pattern}|{HIDDEN.pattern}")
WORD = re.compile(r"\w+")
LATIN = re.compile("[A-Za-z]")
ALIKE = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
"""Scripts with letters that look like Latin ones."""


def revealed(text: str) -> Markup:
    """Write a text so that every character in it is seen for what it is.

    What is invisible or turns the direction of reading is written as its code point; a letter
    of another script within a Latin word gets it beside itself.
    """
    if text.isascii() and text.isprintable():
        return escape(text)
    marked = {**dict(_unseen(text)), **dict(_alike(text))}
    return Markup("").join(
        _mark(letter, marked[at]) if at in marked else escape(letter)
        for at, letter in enumerate(text)
    )


def _unseen(text: str) -> Iterator[tuple[int, str]]:
    for found in UNSEEN.finditer(text):
        yield found.start(), ""


def _alike(text: str) -> Iterator[tuple[int, str]]:
    for word in WORD.finditer(text):
        if LATIN.search(word.group()):
            for at in range(*word.span()):
                if unicodedata.name(text[at], "").startswith(ALIKE):
                    yield at, text[at]


def _mark(letter: str, shown: str) -> Markup:
    name = unicodedata.name(letter, "a control character")
    code = f"{shown} U+{ord(letter):04X}".lstrip()
    return Markup('<mark class="unseen" title="{}">{}</mark>').format(name, code)
