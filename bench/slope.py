"""How the cost of a request grows with the catalog.

    python bench/slope.py          from 1,000 to 10,000 connectors
    python bench/slope.py --full   from 1,000 to 100,000; filling that takes some ten minutes

A slope is that of the processor time per request over the number of connectors, both as
logarithms: 0 means that the size does not matter, 1 that the cost grows with it.
"""

import math
import sys

import reads
from kit.bounds import AtMost, say
from kit.load import median
from kit.marketplace import marketplace

SMALL, USUAL, FULL = 1_000, 10_000, 100_000
ROUNDS = 3
BOUNDS = {"one connector": 0.1, "list": 0.6, "search": 0.65, "facets": 0.3}


def costs(size: int) -> dict[str, float]:
    """Return the processor time per request of each case."""
    with marketplace(size) as server:
        found = reads.measure(server, size, ROUNDS)
    print(f"{size} connectors")
    reads.show(found)
    return {name: median(case.cpus_ms) for name, case in found.items()}


def main(largest: int) -> None:
    """Measure a small and a large catalog and compare."""
    small, large = costs(SMALL), costs(largest)
    for name, most in BOUNDS.items():
        slope = math.log(large[name] / small[name]) / math.log(largest / SMALL)
        say(f"{name}: slope to {largest:,} connectors", slope, AtMost(most))


if __name__ == "__main__":
    main(FULL if "--full" in sys.argv else USUAL)
