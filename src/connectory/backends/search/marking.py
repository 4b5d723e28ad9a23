"""Hits as readers see them: which words were found, and which were taken for mistyped ones."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial

from connectory.backends.search import Hit, Piece
from connectory.backends.search.columns import Row
from connectory.backends.search.nodes import FOUND
from connectory.backends.search.words import Wanted, corrected, known_by, mark


def hits(rows: list[Row], looked_for: tuple[Wanted, ...]) -> tuple[Hit, ...]:
    """Mark in each document the words that were found, or else those that nearly were."""
    terms = [term for chunk in looked_for for term in (*chunk.parts, chunk.whole)]
    exactly = cache(lambda word: any(term.is_exactly(word) for term in terms))
    nearly = cache(lambda word: any(term.is_nearly(word) for term in terms))
    beginnings = {term.text for term in terms}
    mark_exactly = cache(partial(mark, is_wanted=exactly, beginnings=beginnings))
    mark_nearly = cache(partial(mark, is_wanted=nearly))
    found = []
    for row in rows:
        texts = json.loads(row.texts) if terms else {}
        matched = _marked(texts, mark_exactly) or _marked(texts, mark_nearly)
        found.append(Hit(row.key, matched, row.told))
    return tuple(found)


def instead(rows: list[Row], looked_for: tuple[Wanted, ...], best: float) -> tuple[str, ...]:
    """Return the words that the best hit has in place of mistyped ones; () if none is."""
    is_plain = all(len(chunk.parts) == 1 for chunk in looked_for)
    if is_plain and best >= FOUND * len(looked_for):
        return ()  # it has all of them
    texts: Mapping[str, list[str]] = json.loads(rows[0].texts)
    known = set[str]().union(*map(words_of, texts.values()))
    return corrected(looked_for, known)


def _marked(
    texts: Mapping[str, list[str]], marker: Callable[[str], tuple[Piece, ...]]
) -> dict[str, tuple[tuple[Piece, ...], ...]]:
    marked = {name: tuple(filter(None, map(marker, values))) for name, values in texts.items()}
    return {name: values for name, values in marked.items() if values}


def words_of(texts: Iterable[str]) -> set[str]:
    """Return every word that some texts in normal form C are found by."""
    return set[str]().union(*map(known_by, texts))
