"""Turn what was kept of numbers into lines over time. Pure.

Counters begin again at nothing when their process does: what they grew by is what counts.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from connectory.monitoring.store import Numbers, Row

COUNTER = "counter"

Kinds = Mapping[int, str]  # number of a series -> its kind


@dataclass(frozen=True, slots=True)
class Point:
    """A moment, in seconds since 1970, and the value from then on; a rate for counters."""

    at: int
    value: float


def growth(rows: Iterable[Row], kinds: Kinds) -> Iterator[Row]:
    """Replace counters by what they grew by since they were last seen; the first row is lost.

    A counter that is new beside others that were known began at nothing.
    """
    last: Numbers = {}
    for is_later, row in enumerate(rows):
        counters = {n: value for n, value in row.numbers.items() if kinds.get(n) == COUNTER}
        unseen = 0.0 if last else None
        grown = {n: _grown(last.get(n, unseen), value) for n, value in counters.items()}
        if is_later:
            yield Row(row.instance, row.step, row.at, row.numbers | grown)
        last |= counters


def thinned(rows: Iterable[Row], kinds: Kinds, step: int) -> list[Row]:
    """Return one row for each step: the sum of what counters grew by, the mean of gauges."""
    return [
        Row(each[0].instance, step, at, _together(each, kinds))
        for at, each in (
            (at, list(group)) for at, group in groupby(rows, lambda row: row.at // step * step)
        )
    ]


def points(rows: Iterable[Row], number: int, kind: str) -> list[Point]:
    """Return the line of one series from thinned rows."""
    return [
        Point(row.at, value / row.step if kind == COUNTER else value)
        for row in rows
        if (value := row.numbers.get(number)) is not None
    ]


def _grown(before: float | None, value: float) -> float:
    if before is None:
        return 0.0
    return value - before if value >= before else value


def _together(rows: list[Row], kinds: Kinds) -> Numbers:
    values: dict[int, list[float]] = {}
    for row in rows:
        for number, value in row.numbers.items():
            values.setdefault(number, []).append(value)
    return {
        number: sum(each) if kinds.get(number) == COUNTER else sum(each) / len(each)
        for number, each in values.items()
    }
