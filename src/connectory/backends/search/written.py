"""The words of a document and where they stand, as bytes that are looked through quickly.

A line for each word: the word, a tab, and the numbers of its place. Which value of the document
it is in, where it starts and ends there, and a zero if it is the whole of a chunk with several
parts. Finding a word again in a page of hits is so a search for bytes, and no text is cut.
"""

from bisect import insort
from collections.abc import Iterable, Iterator

from connectory.backends.search.words import Term, chunks

LINE, TAB = b"\n", b"\t"
Places = dict[int, list[tuple[int, int]]]
"""By value of a document, the start and end of what was found in it."""


def written(values: Iterable[str]) -> bytes:
    """Write the words of some texts in normal form C."""
    lines = (
        f"{word.text}\t{value} {word.start} {word.end}" + " 0" * (number == len(chunk.parts))
        for value, text in enumerate(values)
        for chunk in chunks(text)
        for number, word in enumerate(chunk.words())
    )
    return "\n".join(("", *lines, "")).encode()


def needles(terms: Iterable[Term]) -> set[bytes]:
    """Return what the lines begin with that have one of some words of a query."""
    return {LINE + term.text.encode() + (b"" if term.begins else TAB) for term in terms}


def places(lines: bytes, wanted: Iterable[bytes]) -> Places:
    """Find words by their `needles`. A whole chunk counts where none of its parts was found."""
    found = {tuple(map(int, line.split())) for each in wanted for line in _lines(lines, each)}
    places: Places = {}
    wholes = []
    for value, start, end, *is_whole in sorted(found):
        if is_whole:
            wholes.append((value, start, end))
        else:
            places.setdefault(value, []).append((start, end))
    for value, start, end in wholes:
        known = places.setdefault(value, [])
        if not any(start <= part[0] < end for part in known):
            insort(known, (start, end))
    return places


def _lines(lines: bytes, needle: bytes) -> Iterator[bytes]:
    """Yield the numbers of the lines that begin so."""
    at = lines.find(needle)
    while at >= 0:
        end = lines.index(LINE, at + 1)
        yield lines[lines.index(TAB, at, end) + 1 : end]
        at = lines.find(needle, end)
