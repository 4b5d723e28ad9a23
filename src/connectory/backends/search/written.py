"""The words of a document and where they stand, as bytes that are looked through quickly.

A line for each word: the word, a tab, and five numbers. Which value of the document it is in,
which chunk of that, whether it is the whole of a chunk with several parts, where it starts and
ends. Finding a word again in a page of hits is so a search for bytes, and no text is cut.
"""

from collections.abc import Iterable, Iterator

from connectory.backends.search.words import Term, chunks

LINE, TAB = b"\n", b"\t"
Places = dict[int, list[tuple[int, int]]]
"""By value of a document, the start and end of what was found in it."""


def written(values: Iterable[str]) -> bytes:
    """Write the words of some texts in normal form C."""
    lines = (
        f"{word.text}\t{value} {at} {int(number == len(chunk.parts))} {word.start} {word.end}"
        for value, text in enumerate(values)
        for at, chunk in enumerate(chunks(text))
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
    before = (-1, -1)
    for value, chunk, is_whole, start, end in sorted(found):
        if not is_whole or before != (value, chunk):
            places.setdefault(value, []).append((start, end))
        before = (value, chunk)
    return places


def _lines(lines: bytes, needle: bytes) -> Iterator[bytes]:
    """Yield the numbers of the lines that begin so."""
    at = lines.find(needle)
    while at >= 0:
        end = lines.index(LINE, at + 1)
        yield lines[lines.index(TAB, at, end) + 1 : end]
        at = lines.find(needle, end)
