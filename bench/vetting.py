"""How fast connectors are vetted: one by command, a thousand manifests, and files for secrets.

python bench/vetting.py
"""

import gc
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from connectory.checks.run import run_all
from connectory.checks.secrets import CODE, found
from connectory.checks.subject import Subject
from connectory.checks.table import CHECKS
from connectory.cli.main import YOUNG
from connectory.policy import engine

ROOT = Path(__file__).parents[1]
STARTER = ROOT / "starters/crm-to-slack"
VET = [sys.executable, "-m", "connectory.cli", "vet", str(STARTER)]
VET_BUDGET_S = 2.0
MANIFESTS, MANIFESTS_BUDGET_S = 1000, 3.0
OF_MANIFESTS = {"secrets", "policy"}  # beside the schema, which is always first
FILES_BUDGET = 2000  # a second
TIMES = 5


class Taken(NamedTuple):
    """How long something took by the clock, and of processors, with what it started."""

    clock_s: float
    processor_s: float

    def __str__(self) -> str:
        """Write both."""
        return f"{self.clock_s:8.2f} s  {self.processor_s:6.2f} s of processor time"


def best(run: Callable[[], object]) -> Taken:
    """Return how long it takes at best: other programs only make it slower."""
    taken = []
    for _ in range(TIMES):
        began, used = time.perf_counter(), processor_s()
        run()
        engine.shared().close()  # the time of a program counts when it has ended
        taken.append(Taken(time.perf_counter() - began, processor_s() - used))
    return Taken(*map(min, zip(*taken, strict=True)))


def processor_s() -> float:
    """Return what this process and those that it started and that ended have used."""
    own, others = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in (own, others))


def manifests() -> list[Subject]:
    """Return manifests that differ, without anything beside them."""
    text = (STARTER / "manifest.yaml").read_text()
    named = (text.replace("crm-to-slack", f"crm-to-slack-{n}") for n in range(MANIFESTS))
    return [Subject(one.encode(), "manifest.yaml", "") for one in named]


def sources() -> list[tuple[str, bool]]:
    """Return the texts of this project's own code and papers, and which of them are code."""
    paths = (
        path for path in (ROOT / "src").rglob("*") if path.suffix in {".py", ".md", ".html"}
    )
    return [(path.read_text(), path.name.endswith(CODE)) for path in paths]


def main() -> int:
    """Print the numbers; exit 1 beyond a budget."""
    gc.set_threshold(YOUNG)  # as the command line does
    vet = best(lambda: subprocess.run(VET, check=True, stdout=-3, stderr=-3))
    print(f"vet        {vet}  one starter, by command")
    checks = [one for one in CHECKS if one.id in OF_MANIFESTS]
    subjects = manifests()
    all_of_them = best(lambda: [run_all(one, checks) for one in subjects])
    names = ", ".join(["schema", *(one.id for one in checks)])
    print(f"manifests  {all_of_them}  {MANIFESTS:,} of them through {names}")
    texts = sources()
    looked = best(lambda: [found(text, is_code=is_code) for text, is_code in texts])
    rate = len(texts) / looked.clock_s
    size = sum(len(text) for text, _ in texts) / len(texts) / 1000
    print(f"secrets    {rate:8,.0f} files/s, {size:.1f} kB each, of {len(texts):,}")
    is_late = vet.clock_s > VET_BUDGET_S or all_of_them.clock_s > MANIFESTS_BUDGET_S
    return int(is_late or rate < FILES_BUDGET)


if __name__ == "__main__":
    sys.exit(main())
