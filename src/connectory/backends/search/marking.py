"""Hits as readers see them: which words were found, and which were taken for mistyped ones."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial

from pydantic_core import from_json

from connectory.backends.search import Hit, Piece
from connectory.backends.search.columns import Row
from connectory.backends.search.nodes import FOUND
from connectory.backends.search.words import Wanted, corrected, cut, known_by, mark
from connectory.backends.search.written import Places, needles, places

Matched = Mapping[str, tuple[tuple[Piece, ...], ...]]


def hits(rows: list[Row], looked_for: tuple[Wanted, ...]) -> tuple[Hit, ...]:
    """Mark in each document the words that were found, or else those that nearly were."""
    terms = [term for chunk in looked_for for term in (*chunk.parts, chunk.whole)]
    if not terms:
        return tuple(Hit(row.key, {}, row.told) for row in rows)
    wanted = needles(terms)
    nearly = cache(lambda word: any(term.is_nearly(word) for term in terms))
    mark_nearly = cache(partial(mark, is_wanted=nearly))
    found = []
    for row in rows:
        texts: Mapping[str, list[str]] = from_json(row.texts)
        spans = places(row.words, wanted)
        matched = _cut(texts, spans) if spans else _marked(texts, mark_nearly)
        found.append(Hit(row.key, matched, row.told))
    return tuple(found)


def instead(rows: list[Row], looked_for: tuple[Wanted, ...], best: float) -> tuple[str, ...]:
    """Return the words that the best hit has in place of mistyped ones; () if none is."""
    is_plain = all(len(chunk.parts) == 1 for chunk in looked_for)
    if is_plain and best >= FOUND * len(looked_for):
        return ()  # it has all of them
    texts: Mapping[str, list[str]] = from_json(rows[0].texts)
    known = set[str]().union(*map(words_of, texts.values()))
    return corrected(looked_for, known)


def _cut(texts: Mapping[str, list[str]], spans: Places) -> Matched:
    matched: dict[str, tuple[tuple[Piece, ...], ...]] = {}
    number = 0
    for name, values in texts.items():
        of_field = range(number, number + len(values))
        number += len(values)
        if marked := tuple(
            cut(value, spans[at])
            for at, value in zip(of_field, values, strict=True)
            if at in spans
        ):
            matched[name] = marked
    return matched


def _marked(
    texts: Mapping[str, list[str]], marker: Callable[[str], tuple[Piece, ...]]
) -> Matched:
    marked = {name: tuple(filter(None, map(marker, values))) for name, values in texts.items()}
    return {name: values for name, values in marked.items() if values}


def words_of(texts: Iterable[str]) -> set[str]:
    """Return every word that some texts in normal form C are found by."""
    return set[str]().union(*map(known_by, texts))
