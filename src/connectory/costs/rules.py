"""Sums of products of ranges: the arithmetic of an estimate. Exact decimals, no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Context, Decimal
from functools import reduce

from connectory.kernel.money import Money

HOURS = Decimal(730)  # in an average month: 365 * 24 / 12
SHOWN = Context(prec=6)
TO, TIMES = "\N{EN DASH}", "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True, slots=True)
class Band:
    """A quantity known to lie between two numbers, ends included; never negative."""

    low: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high:
            raise ValueError(f"not a range of quantities: {self.low} to {self.high}")

    @classmethod
    def exactly(cls, value: Decimal | int) -> "Band":
        """Return the range that holds one number."""
        return cls(Decimal(value), Decimal(value))

    def __add__(self, other: "Band") -> "Band":
        return Band(self.low + other.low, self.high + other.high)

    def __mul__(self, other: "Band") -> "Band":
        return Band(self.low * other.low, self.high * other.high)

    def divided(self, divisor: int) -> "Band":
        """Return the range in a larger unit."""
        return Band(self.low / divisor, self.high / divisor)

    def stepped(self, step: Decimal) -> "Band":
        """Return the range with both ends rounded up to a whole number of steps."""
        return Band(round_up(self.low, step), round_up(self.high, step))

    def clamped(self, least: int, most: int) -> "Band":
        """Return the range moved into the limits of a provider."""
        ends = (min(max(end, Decimal(least)), Decimal(most)) for end in (self.low, self.high))
        return Band(*ends)

    def up_to(self, most: Decimal) -> "Band":
        """Return the range without what is above `most`."""
        return Band(min(self.low, most), min(self.high, most))

    def __str__(self) -> str:
        low, high = shown(self.low), shown(self.high)
        return low if low == high else f"{low}{TO}{high}"


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of a line: a range and its unit, `vCPU` or `USD per vCPU-s`."""

    band: Band
    unit: str

    def __str__(self) -> str:
        return f"{self.band} {self.unit}"


@dataclass(frozen=True, slots=True)
class Line:
    """One item of an estimate: the product of its factors, the price among them."""

    label: str
    factors: tuple[Factor, ...]
    currency: str = "USD"

    @property
    def low(self) -> Money:
        """The product of the lower ends, exact."""
        return Money(self._product().low, self.currency)

    @property
    def high(self) -> Money:
        """The product of the upper ends, exact."""
        return Money(self._product().high, self.currency)

    @property
    def formula(self) -> str:
        """The product in words, with the numbers filled in."""
        return f" {TIMES} ".join(str(factor) for factor in self.factors)

    def _product(self) -> Band:
        return reduce(Band.__mul__, (factor.band for factor in self.factors))


@dataclass(frozen=True, slots=True)
class Charges:
    """What one billing model makes of a demand, and what it had to assume."""

    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Demand:
    """What one instance asks of its target in a month."""

    runs: Band  # per month
    seconds: Band  # per run
    cpu: Band  # vCPU while it runs
    memory: Band  # bytes while it runs
    warm: int = 0  # copies that are kept ready
    vcpu_hours: Band | None = None  # per month; where the author knows them, instead of runs
    gib_hours: Band | None = None  # likewise

    @property
    def gib(self) -> Band:
        """The memory in GiB (2^30 bytes), which clouds bill."""
        return self.memory.divided(2**30)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The expected cost of one instance in one month.

    `low` and `high` are exact; round when showing them. They leave out what `assumptions`
    lists as not counted.
    """

    low: Money
    high: Money
    formula: str
    lines: tuple[Line, ...]
    price_book: str
    assumptions: tuple[str, ...] = field(default=())


def total(
    lines: Sequence[Line], *, price_book: str, currency: str, assumptions: Sequence[str]
) -> Estimate:
    """Add up the lines of an estimate.

    Raises:
        ValueError: If a line is in another currency; that is a bug in the caller.
    """
    nothing = Money(Decimal(0), currency)
    return Estimate(
        low=sum((line.low for line in lines), nothing),
        high=sum((line.high for line in lines), nothing),
        formula=" + ".join(line.formula for line in lines),
        lines=tuple(lines),
        price_book=price_book,
        assumptions=tuple(assumptions),
    )


def round_up(value: Decimal, step: Decimal | int = 1) -> Decimal:
    """Return the smallest whole number of steps that is not less than the value."""
    return (value / step).to_integral_value(ROUND_CEILING) * step


def shown(value: Decimal) -> str:
    """Write a number with at most six significant digits and without an exponent."""
    short = SHOWN.create_decimal(value).normalize()
    return f"{short:,f}" if abs(short) >= 1 else f"{short:f}"
