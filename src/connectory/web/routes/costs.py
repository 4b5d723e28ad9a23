"""Estimates as what the cost component takes."""

from connectory.costs.rules import Estimate
from connectory.web.parts import Cost, CostLine


def cost_of(expected: Estimate) -> Cost:
    """Describe an estimate; amounts are rounded only when they are written."""
    return Cost(
        low=expected.low,
        high=expected.high,
        formula=expected.formula,
        lines=tuple(CostLine(line.label, line.low, line.high) for line in expected.lines),
        price_book=expected.price_book,
        assumptions=expected.assumptions,
    )
