"""Texts from outside that a table, a JSON answer or a terminal cannot take as they are."""

import re

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
BREAKS = re.compile(r"[\n\t\u2028\u2029]+")
STAND_IN = "\N{REPLACEMENT CHARACTER}"


def storable(text: str) -> str:
    """Replace what PostgreSQL or UTF-8 cannot hold: NUL, and halves of a character."""
    return text.encode("utf-8", "replace").decode().replace("\0", STAND_IN)


def is_storable(text: str) -> bool:
    """Whether a text has no NUL and no half of a character (a lone surrogate)."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def without_controls(text: str) -> str:
    """Drop control characters and direction overrides, keeping line breaks and tabs."""
    return CONTROL.sub("", text)


def on_one_line(text: str) -> str:
    """Drop the same, and put a blank for line breaks and tabs."""
    return BREAKS.sub(" ", without_controls(text))
