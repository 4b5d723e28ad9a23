"""Figures beside the bounds that they have to keep."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A bound from below."""

    value: float

    def holds(self, figure: float) -> bool:
        """Whether a figure keeps the bound."""
        return figure >= self.value

    def __str__(self) -> str:
        return f">= {self.value:g}"


@dataclass(frozen=True, slots=True)
class AtMost:
    """A bound from above."""

    value: float

    def holds(self, figure: float) -> bool:
        """Whether a figure keeps the bound."""
        return figure <= self.value

    def __str__(self) -> str:
        return f"<= {self.value:g}"


def say(name: str, figure: float, bound: AtLeast | AtMost, unit: str = "") -> None:
    """Print one figure, its bound, and whether it keeps it."""
    verdict = "PASS" if bound.holds(figure) else "MISS"
    print(f"{verdict}  {name:58} {figure:>9.3g} {unit:6} {bound} {unit}".rstrip(), flush=True)
