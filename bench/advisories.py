"""How fast 200 packages are looked up among 100,000 advisories, and an import of those.

python bench/advisories.py [advisories]
"""

import json
import random
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from connectory.advisories.load import load
from connectory.advisories.mirror import FILE, Mirror
from connectory.advisories.rules import Package
from connectory.kernel import clock

PACKAGES = 200
BUDGET_MS = 100
NAMES = 30_000


def make(path: Path, count: int, chance: random.Random) -> None:
    """Write an archive of advisories: most packages have a few, some have hundreds."""
    now = clock.rfc3339(clock.now())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for number in range(count):
            name = f"package-{int(chance.paretovariate(0.5)) % NAMES}"
            end = f"{chance.randrange(1, 9)}.{chance.randrange(30)}.0"
            events = [{"introduced": "0"}, {"fixed": end}]
            package = {"ecosystem": chance.choice(["PyPI", "npm"]), "name": name}
            affected = {"package": package, "ranges": [{"type": "SEMVER", "events": events}]}
            one = {
                "id": f"OSV-{number}",
                "modified": now,
                "summary": "Something is wrong",
                "details": "word " * 120,
                "affected": [affected],
            }
            made.writestr(f"OSV-{number}.json", json.dumps(one))


def main() -> int:
    """Print the numbers; exit 1 above the budget."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        make(data / "all.zip", count, chance)
        began = time.perf_counter()
        about = load([data / "all.zip"], data, lambda _: None)
        print(
            f"import      {time.perf_counter() - began:8.1f} s  {about.advisories:,} advisories"
        )
        print(f"mirror      {(data / FILE).stat().st_size / 1e6:8.1f} MB")
        names = [f"package-{chance.randrange(NAMES)}" for _ in range(PACKAGES)]
        packages = [Package("npm", name, "5.3.1") for name in names]
        times = []
        for _ in range(5):
            began = time.perf_counter()
            with Mirror.open(data / FILE) as mirror:
                hits = sum(len(mirror.matches(one)) for one in packages)
            times.append((time.perf_counter() - began) * 1000)
    print(
        f"match       {sorted(times)[2]:8.1f} ms {PACKAGES} packages, {hits} hits (median of 5)"
    )
    return int(sorted(times)[2] > BUDGET_MS)


if __name__ == "__main__":
    sys.exit(main())
