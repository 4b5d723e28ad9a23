"""Texts from outside that a table or a JSON answer cannot hold as they are."""

STAND_IN = "\N{REPLACEMENT CHARACTER}"


def storable(text: str) -> str:
    """Replace what PostgreSQL or UTF-8 cannot hold: NUL, and halves of a character."""
    return text.encode("utf-8", "replace").decode().replace("\0", STAND_IN)


def is_storable(text: str) -> bool:
    """Whether a text has no NUL and no half of a character (a lone surrogate)."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
