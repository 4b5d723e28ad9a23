"""How fast a bundle of 20 files judges a connector, in the worker and with its judge around.

python bench/policies.py [files]
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from connectory.manifest import loader
from connectory.policy import bundle, worker
from connectory.policy.document import Circumstances, document
from connectory.policy.engine import Engine
from connectory.policy.judge import judge

FILES, ROUNDS, BUDGET_MS = 20, 500, 2.0
MANIFEST = Path(__file__).parents[1] / "starters/crm-to-slack/manifest.yaml"
RULES = """\
package team_{number}

import rego.v1

allowed := {{"us-east-1", "us-west-2", "eu-west-1"}}

deny_region contains msg if {{
	region := input.connector.runtime.resources.region
	not region in allowed
	msg := sprintf("the region %v is not one of ours", [region])
}}

deny_scope contains msg if {{
	some grant in object.get(input.connector, ["permissions", "oauth"], [])
	some scope in grant.scopes
	contains(scope, "admin")
	msg := sprintf("%v is too much", [scope])
}}
"""


def main() -> int:
    """Print the median of one evaluation; exit 1 above the budget."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else FILES
    files = {f"team_{number}.rego": RULES.format(number=number) for number in range(count)}
    engine = Engine()
    began = time.perf_counter()
    rules = bundle.compiled(files, engine)
    print(f"compiled  {(time.perf_counter() - began) * 1000:8.1f} ms  {len(rules.rules)} rules")
    given = document(
        loader.load(MANIFEST.read_bytes()), Circumstances(region="us-east-1"), status="approved"
    )
    asked = [f"data.{one}" for one in rules.rules]
    worker.load(rules.digest, dict(rules.files))
    text = json.dumps(given)
    inside = _median(lambda: worker.evaluate(rules.digest, text, asked))
    across = _median(lambda: engine.evaluate(rules.digest, rules.files, given, asked))
    judged = _median(lambda: judge(rules, given, engine))
    print(f"worker    {inside:8.2f} ms  one evaluation (median of {ROUNDS})")
    print(f"engine    {across:8.2f} ms  with the way there and back")
    print(f"judged    {judged:8.2f} ms  with the paths that rules read")
    engine.close()
    return int(inside > BUDGET_MS)


def _median(once: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        once()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
