"""What documents are filtered, counted and ordered by, in memory beside the index of words.

A document has a number for as long as the index lives. The documents with a value are one whole
number whose bits are set: filters are joined, and matches counted, for many documents at once.
"""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from connectory.backends.search import COUNTED, FACETS, Query, Sort

BYTE = 8  # bits
DEAR = 4  # times as much as a look whether a document was found, sorting costs for each
FEW = 64  # matches; counting what each of them has is then cheaper than asking for each value

Counts = Mapping[str, Mapping[str, int]]
Place = tuple[str | int, int]
"""Where a document stands in an order, and its number."""


@dataclass(frozen=True, slots=True)
class Row:
    """One document. `texts` is JSON, `words` is `written`; `told` is handed back as it was."""

    key: str
    name: str  # as names are compared
    updated: int  # milliseconds
    facets: Mapping[str, tuple[str, ...]]
    texts: bytes
    words: bytes
    told: bytes


NONE = Row(
    "", "", 0, {}, b"", b"", b""
)  # at the number of a document that was removed long ago


@dataclass(slots=True)
class Columns:
    """All documents of one state of the index. Only a copy that nobody reads yet is changed."""

    rows: list[Row] = field(default_factory=list)  # by number; of removed ones as well
    every: int = 0  # a bit for each document that is there
    bits: dict[str, dict[str, int]] = field(
        default_factory=lambda: {facet: {} for facet in FACETS}
    )
    by_name: list[Place] = field(default_factory=list)
    by_change: list[Place] = field(default_factory=list)  # the newest first

    @classmethod
    def of(cls, rows: Mapping[int, Row]) -> "Columns":
        """Build them of all documents, by number."""
        listed = [rows.get(number, NONE) for number in range(max(rows, default=-1) + 1)]
        having: dict[str, dict[str, list[int]]] = {facet: {} for facet in FACETS}
        for number, row in rows.items():
            for facet, value in _values(row):
                having[facet].setdefault(value, []).append(number)
        return cls(
            rows=listed,
            every=bits_of(rows),
            bits={
                facet: {value: bits_of(numbers) for value, numbers in found.items()}
                for facet, found in having.items()
            },
            by_name=sorted(_place(row, number, Sort.NAME) for number, row in rows.items()),
            by_change=sorted(_place(row, number, Sort.UPDATED) for number, row in rows.items()),
        )

    def copy(self) -> "Columns":
        """Return columns that can be changed while these are read."""
        return Columns(
            rows=list(self.rows),
            every=self.every,
            bits={facet: dict(found) for facet, found in self.bits.items()},
            by_name=list(self.by_name),
            by_change=list(self.by_change),
        )

    def put(self, number: int, row: Row) -> None:
        """Add a document with the next number, or replace the one with this number."""
        self.remove(number)
        self.rows[number : number + 1] = [row]
        self.every |= 1 << number
        for facet, value in _values(row):
            found = self.bits[facet]
            found[value] = found.get(value, 0) | 1 << number
        insort(self.by_name, _place(row, number, Sort.NAME))
        insort(self.by_change, _place(row, number, Sort.UPDATED))

    def remove(self, number: int) -> None:
        """Forget a document, if there is one with this number."""
        if not self.every >> number & 1:
            return
        row = self.rows[number]
        self.every ^= 1 << number
        for facet, value in _values(row):
            self.bits[facet][value] ^= 1 << number
        for order, sort in ((self.by_name, Sort.NAME), (self.by_change, Sort.UPDATED)):
            del order[bisect_left(order, _place(row, number, sort))]

    def kept(self, query: Query, *, apart_from: str = "") -> int:
        """Return the documents that a query keeps to, going by all facets but one."""
        left = self.every
        for facet, values in query.facets.items():
            if values and facet != apart_from:
                left &= self._with(facet, values)
        for facet, values in query.excluded.items():
            if facet != apart_from:
                left &= ~self._with(facet, values)
        return left

    def counts(self, query: Query, matching: int) -> Counts:
        """Count, among what matches; each facet without what the query says about itself."""
        usual = self._counter(matching & self.kept(query))
        asked = {*query.facets, *query.excluded}
        return {
            facet: (
                self._counter(matching & self.kept(query, apart_from=facet))
                if facet in asked
                else usual
            )(facet)
            for facet in COUNTED
        }

    def having(self, values: Mapping[str, tuple[str, ...]]) -> int:
        """Return the documents with any of some values, by facet."""
        return reduce(or_, (self._with(name, found) for name, found in values.items()), 0)

    def in_order(self, found: int, sort: Sort) -> Iterator[int]:
        """Yield the numbers of some documents by name or change.

        Few are sorted, of many the first ones are looked for in the order of all.
        """
        order = self.by_name if sort is Sort.NAME else self.by_change
        count = found.bit_count()
        if count * count < DEAR * len(order):
            order = sorted(
                _place(self.rows[number], number, sort) for number in numbers_of(found)
            )
        marked = found.to_bytes(found.bit_length() // BYTE + 1, "little").ljust(
            len(self.rows) // BYTE + 1, b"\0"
        )
        for _, number in order:
            if marked[number // BYTE] >> number % BYTE & 1:
                yield number

    def _with(self, facet: str, values: Iterable[str]) -> int:
        known = self.bits[facet]
        return reduce(or_, (known.get(value, 0) for value in values), 0)

    def _counter(self, found: int) -> Callable[[str], Mapping[str, int]]:
        """Return what counts the values of a facet among some documents."""
        if found.bit_count() < FEW:
            rows = [self.rows[number].facets for number in numbers_of(found)]
            return lambda facet: Counter([v for row in rows for v in row.get(facet, ())])
        return lambda facet: {
            value: count
            for value, bits in self.bits[facet].items()
            if (count := (bits & found).bit_count())
        }


class Members:
    """Which numbers have their bit set, for many questions."""

    def __init__(self, bits: int) -> None:
        self._bytes = bits.to_bytes(bits.bit_length() // BYTE + 1, "little")

    def __contains__(self, number: int) -> bool:
        at = number // BYTE
        return at < len(self._bytes) and bool(self._bytes[at] >> number % BYTE & 1)


def bits_of(numbers: Iterable[int]) -> int:
    """Return a whole number with these bits set."""
    found = list(numbers)
    marked = bytearray(max(found, default=0) // BYTE + 1)
    for number in found:
        marked[number // BYTE] |= 1 << number % BYTE
    return int.from_bytes(marked, "little")


def numbers_of(bits: int) -> Iterator[int]:
    """Yield which bits are set, the lowest first."""
    text = bin(bits)[:1:-1]
    at = text.find("1")
    while at >= 0:
        yield at
        at = text.find("1", at + 1)


def _place(row: Row, number: int, sort: Sort) -> Place:
    return (row.name if sort is Sort.NAME else -row.updated), number


def _values(row: Row) -> Iterator[tuple[str, str]]:
    for facet, values in row.facets.items():
        for value in values:
            yield facet, value
