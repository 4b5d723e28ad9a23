"""The moment at which the samples are looked at, and what counts back from it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from connectory.kernel.money import Money

NOW = datetime(2026, 11, 24, 14, 2, 11, tzinfo=UTC)
DIGEST = "sha256:9f2c41d07be3a55e1c0f7a8842d3e6b19f2c41d07be3a55e1c0f7a8842d3e6b1"


def ago(**distance: float) -> datetime:
    """Return a moment before the sample's present."""
    return NOW - timedelta(**distance)


def usd(amount: str) -> Money:
    """Return an amount of US dollars."""
    return Money(Decimal(amount))
