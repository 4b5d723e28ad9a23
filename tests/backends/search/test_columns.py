from collections.abc import Mapping

import pytest

from connectory.backends.search import Query, Sort
from connectory.backends.search.columns import Columns, Members, Row, bits_of, numbers_of

SIZES = [5, 400]  # few are counted and sorted in another way than many


def row(n: int, **facets: str) -> Row:
    values = {facet: (value,) for facet, value in facets.items()}
    return Row(f"a/{n}", f"thing {n:03}", n, values, b"", b"", b"")


def half_even(size: int) -> dict[int, Row]:
    return {n: row(n, tag="odd" if n % 2 else "even", status="approved") for n in range(size)}


def state(columns: Columns) -> Mapping[str, object]:
    found = {
        facet: {value: bits for value, bits in values.items() if bits}
        for facet, values in columns.bits.items()
    }
    return {"bits": found, "names": columns.by_name, "changes": columns.by_change}


@pytest.mark.parametrize("numbers", [[], [0], [7, 8], [3, 64, 1000]])
def test_bits_are_the_numbers_that_they_were_made_of(numbers: list[int]) -> None:
    bits = bits_of(numbers)

    assert list(numbers_of(bits)) == numbers
    assert [n for n in range(1100) if n in Members(bits)] == numbers


@pytest.mark.parametrize("size", SIZES)
def test_what_is_kept_is_counted_and_ordered(size: int) -> None:
    columns = Columns.of(half_even(size))
    query = Query(facets={"tag": ("even",)})

    kept = columns.kept(query)
    counts = columns.counts(query, columns.every)

    even = list(range(0, size, 2))
    assert list(columns.in_order(kept, Sort.NAME)) == even
    assert list(columns.in_order(kept, Sort.UPDATED)) == even[::-1]
    assert counts["status"] == {"approved": len(even)}
    assert counts["tag"] == {"even": len(even), "odd": size // 2}


@pytest.mark.parametrize("size", SIZES)
def test_columns_that_were_changed_are_like_those_built_anew(size: int) -> None:
    before = Columns.of(half_even(size))
    after = before.copy()

    after.put(1, row(1, tag="new"))
    after.put(size, row(size, tag="even"))
    after.remove(2)

    rows = {**half_even(size), 1: row(1, tag="new"), size: row(size, tag="even")}
    del rows[2]
    assert state(after) == state(Columns.of(rows))
    assert state(before) == state(Columns.of(half_even(size)))
