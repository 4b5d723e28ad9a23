"""What holds for every estimate, whatever the numbers."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectory.costs.billing import MODELS, Tariff
from connectory.costs.book import load
from connectory.costs.rules import Band, Demand, Factor, Line, shown, total

BOOK = load()
REGIONS = {"cloudrun": "us-east1", "lambda": "us-east-1", "fargate": "us-east-1", "local": "x"}


def amounts(most: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(0, most, places=3, allow_nan=False)


@st.composite
def bands(draw: st.DrawFn, most: int) -> Band:
    low, high = sorted((draw(amounts(most)), draw(amounts(most))))
    return Band(low, high)


DEMANDS = st.builds(
    Demand,
    runs=bands(10_000_000),
    seconds=bands(900),
    cpu=bands(16),
    memory=bands(100_000_000_000),
    warm=st.integers(0, 10),
    vcpu_hours=st.none() | bands(100_000),
    gib_hours=st.none() | bands(100_000),
)


def more(band: Band, by: Decimal) -> Band:
    return Band(band.low + by, band.high + by)


@settings(deadline=None)
@given(target=st.sampled_from(sorted(MODELS)), demand=DEMANDS, by=amounts(1000))
def test_more_use_never_costs_less(target: str, demand: Demand, by: Decimal) -> None:
    larger = Demand(
        runs=more(demand.runs, by),
        seconds=more(demand.seconds, by),
        cpu=more(demand.cpu, by),
        memory=more(demand.memory, by),
        warm=demand.warm + 1,
        vcpu_hours=demand.vcpu_hours and more(demand.vcpu_hours, by),
        gib_hours=demand.gib_hours and more(demand.gib_hours, by),
    )
    tariff = Tariff(BOOK.prices(target, REGIONS[target]).by_meter, BOOK.currency)

    before, after = (
        total(MODELS[target](each, tariff).lines, price_book="", currency="USD", assumptions=())
        for each in (demand, larger)
    )

    assert before.low.amount <= before.high.amount
    assert before.low.amount <= after.low.amount
    assert before.high.amount <= after.high.amount
    assert {line.currency for line in before.lines} == {"USD"}


def test_lines_of_two_currencies_are_a_bug() -> None:
    line = Line("CPU", (Factor(Band.exactly(1), "h"),), "EUR")

    with pytest.raises(ValueError, match="cannot add EUR to USD"):
        total([line], price_book="", currency="USD", assumptions=())


@pytest.mark.parametrize(("low", "high"), [("-1", "1"), ("2", "1"), ("NaN", "1")])
def test_a_range_is_not_negative_and_not_upside_down(low: str, high: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        Band(Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("30000", "30,000"),
        ("0.0000133334", "0.0000133334"),
        ("0.2384185791015625", "0.238419"),
        ("1E+3", "1,000"),
        ("0", "0"),
        ("256000000", "256,000,000"),
    ],
)
def test_numbers_are_shown_without_exponents(value: str, text: str) -> None:
    assert shown(Decimal(value)) == text
