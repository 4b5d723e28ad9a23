"""What reading costs beside an empty route of the same server.

    python bench/reads.py [connectors]

Eight clients, no query twice but where it says `again`. The cases take turns, round by round;
a figure is the median of the rounds. `cpu` is the processor time of the server per request.
"""

import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count, cycle, islice, product

from kit.bounds import AtLeast, AtMost, say
from kit.load import Client, median
from kit.manifests import DOMAINS, RISKS, SYSTEMS, TEAMS, VERBS, key, searches
from kit.marketplace import Measured, marketplace

ROUNDS, REQUESTS, WARM = 5, 160, 40
LIST = "/api/v1/connectors"
LEAST = {"search": 0.3, "one connector": 0.5, "list": 0.3, "facets": 0.5}  # beside the floor
PAGE = 20  # connectors, as the command line asks for


@dataclass(slots=True)
class Case:
    """One kind of request and what was measured of it, round by round."""

    name: str
    requests: Iterator[bytes]
    rates: list[float] = field(default_factory=list)
    cpus_ms: list[float] = field(default_factory=list)
    p99s_ms: list[float] = field(default_factory=list)

    def run(self, server: Measured) -> None:
        """Measure one round."""
        before = server.cpu_s()
        answers = server.client.send(islice(self.requests, REQUESTS))
        self.cpus_ms.append((server.cpu_s() - before) / REQUESTS * 1000)
        self.rates.append(answers.per_second)
        self.p99s_ms.append(answers.percentile(0.99) * 1000)


def cases(client: Client, size: int) -> dict[str, Case]:
    """Return all cases by name; the first is the floor."""
    filtered = (client.get(LIST, limit=PAGE, **asked) for asked in lists())
    texts = (client.get(LIST, limit=PAGE, q=text) for text in searches())
    keys = (client.get(f"{LIST}/{key(n)}") for n in shuffled(size))
    everything = (client.get(LIST, limit=1, sort=sort, q=blank) for sort, blank in blanks())
    kinds = {
        "floor": cycle([client.get("/floor")]),
        "search": texts,
        "search again": cycle([client.get(LIST, limit=PAGE, q="slack sync lead")]),
        "one connector": keys,
        "one connector again": cycle([client.get(f"{LIST}/{key(7)}")]),
        "list": filtered,
        "list again": cycle([client.get(LIST, limit=PAGE, domain="crm", sort="name")]),
        "facets": everything,
        "facets again": cycle([client.get(LIST, limit=1)]),
    }
    return {name: Case(name, requests) for name, requests in kinds.items()}


def lists() -> Iterator[dict[str, str]]:
    """Yield filters and orders, no two alike."""
    chance = random.Random("lists")
    seen = set()
    while True:
        asked = {
            "sort": chance.choice(("name", "updated")),
            "tag": chance.choice((*SYSTEMS, *VERBS)),
        }
        for name, values in (("domain", DOMAINS), ("risk", RISKS), ("team", TEAMS)):
            if chance.random() < 1 / 2:
                asked[name] = chance.choice(values)
        if (one := tuple(sorted(asked.items()))) not in seen:
            seen.add(one)
            yield asked


def blanks() -> Iterator[tuple[str, str]]:
    """Yield orders and texts without words, no two alike: all of them look for everything."""
    return product(("best", "name", "updated"), (" " * n for n in range(500)))


def shuffled(size: int) -> Iterator[int]:
    """Yield the numbers of connectors in a random order, again and again."""
    chance = random.Random("keys")
    for _ in count():
        yield from chance.sample(range(size), size)


def measure(server: Measured, size: int, rounds: int = ROUNDS) -> dict[str, Case]:
    """Let the cases take turns and return them."""
    found = cases(server.client, size)
    for case in found.values():
        server.client.send(islice(case.requests, WARM))
    for _ in range(rounds):
        for case in found.values():
            case.run(server)
    return found


def show(found: dict[str, Case]) -> None:
    """Print what was measured."""
    print(f"{'':24}{'per s':>8}{'p99 ms':>9}{'cpu ms':>9}")
    for case in found.values():
        figures = f"{median(case.rates):8.0f}{median(case.p99s_ms):9.1f}"
        print(f"{case.name:24}{figures}{median(case.cpus_ms):9.2f}")


def main(size: int) -> None:
    """Measure and compare with the bounds."""
    with marketplace(size) as server:
        found = measure(server, size)
        print(f"{size} connectors, 8 clients, server memory {server.memory_mb():.0f} MB")
    show(found)

    def ratio(name: str, figures: Callable[[Case], list[float]]) -> float:
        pairs = zip(figures(found[name]), figures(found["floor"]), strict=True)
        return median([one / floor for one, floor in pairs])

    for name, least in LEAST.items():
        for kind in (name, f"{name} again"):
            say(f"{kind}: throughput beside the floor", ratio(kind, rates), AtLeast(least))
    say("search: p99 beside the floor", ratio("search", p99s_ms), AtMost(4))


def rates(case: Case) -> list[float]:
    """Return the requests per second of each round."""
    return case.rates


def p99s_ms(case: Case) -> list[float]:
    """Return the 99th percentile of each round."""
    return case.p99s_ms


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
