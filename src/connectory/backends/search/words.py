"""Words: how texts and queries are cut into what an index compares. Pure.

A *chunk* is what stands between white space: `crm-to-slack`, `PagerDuty`, `CRM->Slack`. It is
known by its parts (`crm`, `to`, `slack`) and by them together (`crmtoslack`), so that
`pagerduty`, `pager-duty` and `PagerDuty` find each other. Case, accents and width are folded.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from connectory.backends.search import Piece

MAX_LETTERS = 40  # of a word; what is longer is cut, in texts and in queries alike
MOST_TEXTS = 1_000  # that stay cut into words: tags, owners, what is looked for
MAX_TERMS = 16  # of a query; what comes after is not looked for

CHUNK = re.compile(r"\S+")
PART = re.compile(r"[A-Z0-9]+(?![a-z])|[A-Z]?[^\W_A-Z]+|[A-Z]")


class Word(NamedTuple):
    """A folded word and where it stands in the text, in characters."""

    text: str
    start: int
    end: int


class Chunk(NamedTuple):
    """The parts of a chunk and the whole of it; both are the same if there is one part."""

    whole: Word
    parts: tuple[Word, ...]

    def words(self) -> tuple[Word, ...]:
        """Return everything that this chunk is known by."""
        return (*self.parts, self.whole) if len(self.parts) > 1 else self.parts


def fold(text: str) -> str:
    """Return the letters and digits of `text` without case, accents and width."""
    if text.isascii() and text.isalnum():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


@lru_cache(MOST_TEXTS)
def chunks(text: str) -> tuple[Chunk, ...]:
    """Cut a text in normal form C into chunks, leaving out those without letter and digit."""
    return tuple(_chunks(text, 0, len(text)))


@lru_cache(MOST_TEXTS)
def known_by(text: str) -> frozenset[str]:
    """Return every word that a text in normal form C is found by."""
    return frozenset(word.text for chunk in chunks(text) for word in chunk.words())


def _chunks(text: str, start: int, end: int) -> Iterator[Chunk]:
    for chunk in CHUNK.finditer(text, start, end):
        parts = tuple(_parts(text, chunk.start(), chunk.end()))
        if parts:
            whole = "".join(part.text for part in parts)[:MAX_LETTERS]
            yield Chunk(Word(whole, parts[0].start, parts[-1].end), parts)


def _parts(text: str, start: int, end: int) -> Iterator[Word]:
    for part in PART.finditer(text, start, end):
        folded = fold(part.group())[:MAX_LETTERS]
        if folded:
            yield Word(folded, part.start(), part.end())


def normal(text: str) -> str:
    """Return the text in Unicode normal form C, as `chunks` and `mark` want it."""
    return unicodedata.normalize("NFC", text)


def mark(text: str, is_wanted: Callable[[str], bool]) -> tuple[Piece, ...]:
    """Cut a text into pieces that are wanted or not; empty if no word of it is wanted."""
    return cut(text, _wanted(chunks(text), is_wanted))


def cut(text: str, spans: Iterable[tuple[int, int]]) -> tuple[Piece, ...]:
    """Cut a text into pieces that are in some spans or not; empty if there are no spans."""
    pieces: list[Piece] = []
    done = 0
    for start, end in spans:
        if start > done:
            pieces.append((text[done:start], False))
        pieces.append((text[start:end], True))
        done = end
    if pieces and done < len(text):
        pieces.append((text[done:], False))
    return tuple(pieces)


def _wanted(
    found: Iterable[Chunk], is_wanted: Callable[[str], bool]
) -> Iterator[tuple[int, int]]:
    for chunk in found:
        parts = [word for word in chunk.parts if is_wanted(word.text)]
        if not parts and is_wanted(chunk.whole.text):
            parts = [chunk.whole]
        yield from ((word.start, word.end) for word in parts)


def is_within(edits: int, left: str, right: str) -> bool:
    """Whether `edits` single changes turn one word into the other.

    A change is a letter more, a letter less, another letter, or two neighbours swapped.
    """
    if abs(len(left) - len(right)) > edits:
        return False
    same = 0
    while same < min(len(left), len(right)) and left[same] == right[same]:
        same += 1
    left, right = left[same:], right[same:]
    if not left or not right or edits == 0:
        return len(left) + len(right) <= edits
    return (
        is_within(edits - 1, left[1:], right)
        or is_within(edits - 1, left, right[1:])
        or is_within(edits - 1, left[1:], right[1:])
        or (left[:2] == right[1::-1] and is_within(edits - 1, left[2:], right[2:]))
    )


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a query; `begins` says that longer words which begin with it count too."""

    text: str
    begins: bool

    @property
    def edits(self) -> int:
        """How many typing mistakes are forgiven: one from 4 letters on, two from 8.

        None in a word with a digit: another number is another thing.
        """
        has_digit = any(letter.isdigit() for letter in self.text)
        return 0 if has_digit else min(len(self.text) // 4, 2)

    def is_exactly(self, word: str) -> bool:
        """Whether `word` is what was asked for."""
        return word.startswith(self.text) if self.begins else word == self.text

    def is_nearly(self, word: str) -> bool:
        """Whether `word` is what was asked for, typing mistakes forgiven."""
        return is_within(self.edits, self.text, word)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A chunk of a query: all of its `parts` have to be found, or else the `whole`."""

    parts: tuple[Term, ...]
    whole: Term


def corrected(looked_for: Iterable[Wanted], known: Collection[str]) -> tuple[str, ...]:
    """Return the words of a query with the nearest known one for each that is not known.

    Empty if all are known: then nothing was mistyped.
    """
    found: list[str] = []
    is_mistyped = False
    for chunk in looked_for:
        is_whole = any(chunk.whole.is_exactly(word) for word in known)
        for part in chunk.parts:
            exact = is_whole or any(part.is_exactly(word) for word in known)
            near = () if exact else sorted(word for word in known if part.is_nearly(word))
            is_mistyped |= bool(near)
            found.append(near[0] if near else part.text)
    return tuple(found) if is_mistyped else ()


def wanted(words: Iterable[str]) -> tuple[Wanted, ...]:
    """Cut the words of a query. Only what was typed last may be the beginning of a word."""
    cut = _first(MAX_TERMS, chunks(normal(" ".join(words))))
    return tuple(_as_wanted(chunk, is_last=chunk is cut[-1]) for chunk in cut)


def _first(limit: int, found: Iterable[Chunk]) -> list[Chunk]:
    kept: list[Chunk] = []
    for chunk in found:
        limit -= len(chunk.parts)
        if kept and limit < 0:
            break
        kept.append(Chunk(chunk.whole, chunk.parts[:MAX_TERMS]))
    return kept


def _as_wanted(chunk: Chunk, *, is_last: bool) -> Wanted:
    texts = [part.text for part in chunk.parts]
    inner = [Term(text, begins=False) for text in texts[:-1]]
    return Wanted((*inner, Term(texts[-1], is_last)), Term(chunk.whole.text, is_last))
