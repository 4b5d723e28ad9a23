"""What one instance will cost in a month, before anybody installs it."""

from collections.abc import Mapping
from types import MappingProxyType

from connectory.costs.billing import MODELS, TargetNotPricedError, Tariff
from connectory.costs.book import PriceBook, Prices
from connectory.costs.demand import demand_of
from connectory.costs.rules import Estimate, total
from connectory.manifest.model import Manifest
from connectory.manifest.regions import spelled_for

ALIASES = {
    "cloud-run": "cloudrun",
    "aws-lambda": "lambda",
    "ecs": "fargate",
    "container": "local",  # on the same machine
}
NO_INPUTS: Mapping[str, object] = MappingProxyType({})


def estimate(
    manifest: Manifest,
    *,
    target: str,
    region: str,
    book: PriceBook,
    inputs: Mapping[str, object] = NO_INPUTS,
) -> Estimate:
    """Estimate the cost of one instance for one month, as a range.

    Args:
        manifest: The version to install.
        target: Where it will run: a target such as `local`, or a provider such as `cloudrun`.
        region: Region there, in any provider's spelling.
        book: Prices to use.
        inputs: Settings of the instance, for usage that depends on them.

    Raises:
        TargetNotPricedError: If nobody knows what the target costs.
    """
    target = ALIASES.get(target, target)
    place = spelled_for(region, target) or region
    prices = book.prices(target, place)
    if target not in MODELS or not prices.by_meter:
        raise TargetNotPricedError(target)
    demand, assumed = demand_of(manifest, inputs)
    charges = MODELS[target](demand, Tariff(prices.by_meter, book.currency))
    return total(
        charges.lines,
        price_book=book.name,
        currency=book.currency,
        assumptions=(*assumed, *charges.notes, *_about(prices, place)),
    )


def _about(prices: Prices, place: str) -> tuple[str, ...]:
    """Say what holds for every estimate, and whether prices of another region stand in."""
    always = (
        "prices are list prices without free tiers and discounts",
        "network, storage and the fees of connected systems are not counted",
    )
    if not prices.borrowed_from:
        return always
    instead = f"those of {prices.borrowed_from} and up to 30 % more are used"
    return (f"the price book has no prices for {place}: {instead}", *always)
