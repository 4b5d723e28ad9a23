"""Did you mean …?"""

import difflib
from collections.abc import Iterable

LONGEST_WORD = 64


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that looks most like this one, or None if none does."""
    close = difflib.get_close_matches(
        word[:LONGEST_WORD].lower(), sorted(known), n=1, cutoff=0.7
    )
    return close[0] if close else None
