"""Estimates as what the cost component takes."""

from connectory.costs.billing import TargetNotPricedError
from connectory.costs.estimate import estimate
from connectory.costs.rules import Estimate
from connectory.instances.plan import Surroundings
from connectory.manifest.model import Manifest
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


def expected_cost(manifest: Manifest, around: Surroundings) -> Cost | None:
    """Return the cost at the place where installs go first; None where nobody knows it."""
    target, region = next(iter(around.regions.items()))
    try:
        expected = estimate(manifest, target=target, region=region, book=around.book)
    except TargetNotPricedError:
        return None
    return cost_of(expected)
