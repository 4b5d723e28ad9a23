"""The price book: list prices as dated data, each with where it was read and when."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectory.costs.rules import Band
from connectory.kernel.errors import ConnectoryError, Kind

PRICES = "connectory.costs.prices"
NEWEST = "2026-11"
ANYWHERE = "*"
ELSEWHERE = Decimal("1.3")  # a region without a price may cost this much more


class PriceBookError(ConnectoryError):
    """A file of prices cannot be read."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "price-book-refused"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(
            f"the price book {path} cannot be used: {why}",
            hint="write name, currency and tables of target, regions, source, date and prices, "
            "as the shipped book does",
        )


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PriceRow(_Part):
    """One price of one meter."""

    meter: str = Field(min_length=1)
    """Unit that the price buys: `vCPU-s`."""
    variant: str = ""
    """Where one meter has several prices: `arm64`, `x86-64`."""
    price: Decimal = Field(ge=Decimal(0), allow_inf_nan=False)
    """Amount for one unit, in the currency of the book, written as text."""


class PriceTable(_Part):
    """Prices that hold in the same regions and were taken from the same page."""

    target: str = Field(min_length=1)
    """Billing model that they belong to: cloudrun, lambda, fargate, local."""
    regions: tuple[str, ...] = Field(min_length=1)
    """Where they hold, in the provider's spelling; `*` is everywhere."""
    source: str = Field(min_length=1)
    """Where they are published."""
    date: dt.date
    """Day for which they were noted."""
    prices: tuple[PriceRow, ...]

    def holds_in(self, region: str) -> bool:
        """Whether the prices are those of a region."""
        return region in self.regions or ANYWHERE in self.regions


class _File(_Part):
    """A price book as it is written."""

    name: str = Field(min_length=1)
    currency: str = Field(pattern=r"\A[A-Z]{3}\z")
    note: str = ""
    tables: tuple[PriceTable, ...]


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices of one target for one region, by meter."""

    by_meter: dict[str, Band]
    borrowed_from: str = ""  # region whose prices stand in for missing ones


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Prices in one currency; of two tables with the same meter the first one counts."""

    name: str
    currency: str
    tables: tuple[PriceTable, ...]

    def prices(self, target: str, region: str) -> Prices:
        """Return the prices of a target for a region, none if the book does not have it.

        A meter without a price there gets that of another region, up to 30 % more at the high
        end. Variants of one meter become the ends of one range.
        """
        by_meter: dict[str, Band] = {}
        borrowed_from = ""
        for row, table in self._rows(target, region):
            high = row.price
            if not table.holds_in(region):
                borrowed_from, high = table.regions[0], row.price * ELSEWHERE
            other = by_meter.get(row.meter, Band(row.price, high))
            by_meter[row.meter] = Band(min(row.price, other.low), max(high, other.high))
        return Prices(by_meter, borrowed_from)

    def _rows(self, target: str, region: str) -> list[tuple[PriceRow, PriceTable]]:
        """Return one row for each meter and variant, of the region where there is one."""
        tables = [table for table in self.tables if table.target == target]
        tables.sort(key=lambda table: not table.holds_in(region))
        chosen: dict[tuple[str, str], tuple[PriceRow, PriceTable]] = {}
        for table in tables:
            for row in table.prices:
                chosen.setdefault((row.meter, row.variant), (row, table))
        return list(chosen.values())


def load(override: Path | None = None) -> PriceBook:
    """Read the shipped prices, and before them those of an own file.

    Args:
        override: A file of the same form; it needs only the prices that differ.

    Raises:
        PriceBookError: If the own file cannot be read, has another currency, or a meter that
            no estimate uses.
    """
    shipped = _parse(resources.files(PRICES).joinpath(f"{NEWEST}.json").read_bytes(), NEWEST)
    if override is None:
        return PriceBook(shipped.name, shipped.currency, shipped.tables)
    own = _parse(_read(override), str(override))
    if own.currency != shipped.currency:
        raise PriceBookError(str(override), f"its currency is not {shipped.currency}")
    unknown = _meters(own) - _meters(shipped)
    if unknown:
        raise PriceBookError(str(override), f"no estimate uses {', '.join(sorted(unknown))}")
    return PriceBook(f"{shipped.name} + {own.name}", own.currency, own.tables + shipped.tables)


def _meters(file: _File) -> set[str]:
    return {f"{table.target} {row.meter}" for table in file.tables for row in table.prices}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as failure:
        raise PriceBookError(str(path), failure.strerror or "it cannot be read") from None


def _parse(content: bytes, path: str) -> _File:
    try:
        return _File.model_validate_json(content)
    except ValidationError as refused:
        first = refused.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PriceBookError(path, f"{where}: {first['msg']}") from None
