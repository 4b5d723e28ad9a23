"""How long a search takes in a catalog of 10,000 connectors.

    python bench/search.py [connectors]

Ratios are to the time in which the same machine hashes one mebibyte with SHA-256. Compare them,
not the milliseconds, between machines.
"""

import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from connectory.backends.search import Document, Query
from connectory.backends.search.tantivy import TantivySearch

SYSTEMS = ("slack", "crm", "pagerduty", "jira", "sheets", "postgres", "s3", "billing")
VERBS = ("sync", "notify", "alert", "report", "import", "mirror", "watch", "archive")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROUNDS = 30
SEARCHES = {
    "everything": Query(limit=20),
    "one word": Query(words=("slack",), limit=20),
    "two words, the second unfinished": Query(words=("slack", "ale"), limit=20),
    "a typing mistake": Query(words=("pagredtuy",), limit=20),
    "a word and two filters": Query(
        words=("sync",), facets={"tag": ("crm",), "status": ("approved",)}, limit=20
    ),
    "sixteen unknown words": Query(
        words=tuple(f"{a}x{b}" for a in "abcd" for b in SYSTEMS[:4])
    ),
}


def document(n: int) -> Document:
    """Return the n-th of as many different connectors as are wanted."""
    source, goal = SYSTEMS[n % 8], SYSTEMS[n // 8 % 8]
    verb = VERBS[n // 64 % 8]
    texts = {
        "id": (f"{source}-to-{goal}-{verb}-{n}",),
        "name": (f"{source} -> {goal}: {verb} {n}",),
        "tags": (source, goal, verb),
        "description": (f"Will {verb} what is new in {source} for team {n % 97} in {goal}",),
    }
    status = "approved" if n % 3 else "review"
    facets = {"tag": (source, goal, verb), "status": (status,), "team": (f"team-{n % 97}",)}
    return Document(f"team-{n % 97}/{n}", texts, facets, NOW)


def median_ms(run: Callable[[], object]) -> float:
    """Return the median time of some rounds, in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def main(size: int) -> None:
    """Build an index, search it, and print a table."""
    with tempfile.TemporaryDirectory() as folder:
        search = TantivySearch(Path(folder))
        began = time.perf_counter()
        search.replace((document(n) for n in range(size)), position=1)
        print(f"indexed {size} connectors in {time.perf_counter() - began:.2f} s")
        print(f"{'search':34}{'found':>8}{'ms':>8}{'ratio':>8}")
        baseline = median_ms(lambda: hashlib.sha256(bytes(1 << 20)).digest())
        for name, query in SEARCHES.items():
            found = search.find(query)
            took = median_ms(lambda query=query: search.find(query))
            print(f"{name:34}{found.total:>8}{took:>8.2f}{took / baseline:>8.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
