"""The shipped prices, and prices of one's own."""

from decimal import Decimal
from pathlib import Path

import pytest

from connectory.costs.billing import MODELS
from connectory.costs.book import PriceBookError, load
from connectory.costs.rules import Band

OWN = """{"name": "ours", "currency": "USD", "tables": [{
    "target": "local", "regions": ["*"], "source": "invoice 2026-10", "date": "2026-10-31",
    "prices": [{"meter": "vCPU-h", "price": "0.02"}]}]}"""


def own(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "prices.json"
    path.write_text(content)
    return path


def test_every_shipped_price_has_a_source_and_a_day() -> None:
    book = load()

    assert {table.target for table in book.tables} == set(MODELS)
    assert all(table.source and table.date.year == 2026 for table in book.tables)


def test_two_architectures_are_the_ends_of_one_range() -> None:
    prices = load().prices("lambda", "us-east-1")

    assert prices.by_meter["GB-s"] == Band(Decimal("0.0000133334"), Decimal("0.0000166667"))
    assert prices.borrowed_from == ""


def test_own_prices_win_and_the_rest_stays(tmp_path: Path) -> None:
    book = load(own(tmp_path, OWN))

    prices = book.prices("local", "anywhere")

    assert book.name == "2026-11 + ours"
    assert prices.by_meter["vCPU-h"] == Band.exactly(Decimal("0.02"))
    assert prices.by_meter["GiB-h"] == Band.exactly(Decimal("0.00257"))


def test_an_own_price_of_one_region_leaves_the_others(tmp_path: Path) -> None:
    content = OWN.replace("local", "cloudrun").replace('"*"', '"europe-west3"')
    book = load(own(tmp_path, content.replace("vCPU-h", "vCPU-s")))

    here = book.prices("cloudrun", "europe-west3")
    there = book.prices("cloudrun", "us-east1")

    assert here.by_meter["vCPU-s"] == Band.exactly(Decimal("0.02"))
    assert here.borrowed_from == "us-east1"  # for the meters that the own file leaves out
    assert there.by_meter["vCPU-s"] == Band.exactly(Decimal("0.000024"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "JSON"),
        (OWN.replace("USD", "EUR"), "currency is not USD"),
        (OWN.replace("vCPU-h", "cpu-hour"), "no estimate uses local cpu-hour"),
        (OWN.replace('"0.02"', '"-1"'), "tables.0.prices.0.price"),
        (OWN.replace('"0.02"', '"NaN"'), "tables.0.prices.0.price"),
        (OWN.replace('"source"', '"sauce"'), "tables.0.source"),
        (OWN.replace('["*"]', "[]"), "tables.0.regions"),
    ],
)
def test_a_wrong_price_book_is_refused_with_the_place(
    tmp_path: Path, content: str, why: str
) -> None:
    with pytest.raises(PriceBookError, match=why):
        load(own(tmp_path, content))


def test_a_price_book_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PriceBookError, match="No such file"):
        load(tmp_path / "absent.json")
