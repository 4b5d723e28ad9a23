"""Amounts of money that cannot be mixed up or silently rounded."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency (ISO 4217); round when showing it, never before."""

    amount: Decimal
    currency: str = "USD"

    def __add__(self, other: "Money") -> "Money":
        """Add an amount of the same currency.

        Raises:
            ValueError: If the currencies differ; that is a bug in the caller.
        """
        if self.currency != other.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.amount + other.amount, self.currency)

    def __mul__(self, factor: Decimal | int) -> "Money":
        return Money(self.amount * factor, self.currency)

    def rounded(self) -> "Money":
        """Return the amount in whole cents, halves away from zero."""
        return Money(self.amount.quantize(CENT, ROUND_HALF_UP), self.currency)

    def as_json(self) -> dict[str, str]:
        """Return `{"amount": "2.40", "currency": "USD"}`, rounded to cents."""
        return {"amount": str(self.rounded().amount), "currency": self.currency}

    def __str__(self) -> str:
        shown = self.rounded().amount
        symbol = SYMBOLS.get(self.currency)
        return f"{symbol}{shown}" if symbol else f"{shown} {self.currency}"
