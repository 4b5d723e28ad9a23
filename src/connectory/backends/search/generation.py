"""One state of the index, and what was looked for and counted in it so far.

Looking for a word is dear: its beginnings and its typing mistakes are searched among all known
words. People look for the same words in ever other company, so what has a word is kept for as
long as nothing changes; putting words together is then a matter of bits.
"""

import threading
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial, reduce
from operator import and_

import tantivy

from connectory.backends.search import Model, Query
from connectory.backends.search.columns import Columns, Counts, bits_of
from connectory.backends.search.nodes import beside, every, like, scored
from connectory.backends.search.words import Term, Wanted
from connectory.kernel.ids import new_id

MOST_COUNTS = 256  # of one generation that are remembered
MOST_KEPT = 8_000_000  # bytes of what has the words that were looked for


@dataclass(frozen=True, slots=True)
class Having:
    """The documents with a word, a bit for each, and how well each of them has it."""

    bits: int
    levels: "array[int]"  # by number of the document, where its score is in `scores`
    scores: tuple[float, ...]  # the first one is 0, of those that do not have the word

    def of(self, numbers: Iterable[int]) -> list[float]:
        """Return how well some documents have the word."""
        levels, scores = self.levels, self.scores
        return [scores[levels[number]] for number in numbers]


@dataclass(frozen=True, slots=True)
class Chunk:
    """The documents with all parts of a chunk, or with the whole of it."""

    parts: tuple[Having, ...]
    whole: Having | None  # where there are several parts

    @property
    def bits(self) -> int:
        """A bit for each of them."""
        together = reduce(and_, (part.bits for part in self.parts))
        return together | self.whole.bits if self.whole else together

    def of(self, numbers: Iterable[int]) -> list[float]:
        """Return how well some documents have the chunk."""
        if self.whole is None:
            return self.parts[0].of(numbers)
        parts = zip(*(part.of(numbers) for part in self.parts), strict=True)
        return [
            whole + (sum(each) if all(each) else 0)
            for whole, each in zip(self.whole.of(numbers), parts, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Matches:
    """The documents with all that a query looks for beside facets, a bit for each."""

    bits: int
    chunks: tuple[Chunk, ...]

    def scores(self, numbers: list[int]) -> dict[int, float]:
        """Return how well some of them match, by number."""
        each = zip(*(chunk.of(numbers) for chunk in self.chunks), strict=True)
        return dict(zip(numbers, map(sum, each), strict=True))


@dataclass(frozen=True, slots=True)
class Generation:
    """The index as one commit left it."""

    searcher: tantivy.Searcher
    columns: Columns
    name: str = field(default_factory=partial(new_id, "gen"))
    _counts: dict[object, Counts] = field(default_factory=dict)
    _words: OrderedDict[Term, Having] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def matches(self, query: Query, looked_for: tuple[Wanted, ...]) -> Matches:
        """Return what has the words of a query and is as new as it asks for."""
        chunks = tuple(self._chunk(one) for one in looked_for)
        bits = reduce(and_, (chunk.bits for chunk in chunks), self.columns.every)
        if query.words and not chunks:
            bits = 0  # nothing has a word without letter and digit
        if rest := beside(query):
            bits &= bits_of(number for number, _ in self._found(every(rest)))
        return Matches(bits, chunks)

    def counts(self, query: Query, among: int) -> Counts:
        """Count all facets. Without words few questions are asked, so these are remembered."""
        if query.words or query.examples or query.since:
            return self.columns.counts(query, among)
        question = (frozenset(query.facets.items()), frozenset(query.excluded.items()))
        counts = self._counts.get(question)
        if counts is None:
            counts = self.columns.counts(query, among)
            if len(self._counts) < MOST_COUNTS:
                self._counts[question] = counts
        return counts

    def like(self, model: Model) -> Iterator[int]:
        """Yield the numbers of the documents that are like a model, best first."""
        yield from (number for number, _ in self._found(like(model), model.limit))

    def _chunk(self, chunk: Wanted) -> Chunk:
        is_one = len(chunk.parts) == 1
        return Chunk(
            tuple(map(self._having, chunk.parts)), None if is_one else self._having(chunk.whole)
        )

    def _having(self, word: Term) -> Having:
        with self._lock:
            known = self._words.pop(word, None)
        if known is None:
            known = self._look(word)
        most = MOST_KEPT // (known.levels.itemsize * len(known.levels))
        with self._lock:
            self._words[word] = known  # at the end: the latest one
            while len(self._words) > most:
                self._words.popitem(last=False)
        return known

    def _look(self, word: Term) -> Having:
        numbers = []
        levels = array("H", bytes(2 * (len(self.columns.rows) + 1)))
        scores = {0.0: 0}
        for number, score in self._found(scored(word)):
            numbers.append(number)
            levels[number] = scores.setdefault(score, len(scores))
        return Having(bits_of(numbers), levels, tuple(scores))

    def _found(self, wanted: tantivy.Query, limit: int = 0) -> Iterator[tuple[int, float]]:
        """Yield number and score of what tantivy finds, the best first."""
        most = limit or max(len(self.columns.rows), 1)
        hits = self.searcher.search(wanted, limit=most, count=False).hits
        numbers = self.searcher.fast_field_values("number", [address for _, address in hits])
        for number, (score, _) in zip(numbers, hits, strict=True):
            yield int(number or 0), score  # each document has one
