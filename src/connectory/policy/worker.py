"""The process in which Rego runs: a line of JSON in, a line of JSON out. Nothing else is in it.

Policies can recurse without end, eat memory and loop; here they take down nothing but
themselves. It is started by its path, so that it loads the engine and no part of Connectory.
"""

import json
import resource
import signal
import sys
from collections import OrderedDict
from typing import Any

try:
    import regorus
except ImportError:  # there is no wheel of it for this machine
    sys.exit(3)

MOST_MEMORY = 256 * 1024 * 1024  # bytes of address space
MOST_WORK_S = 1.0  # of processor time, for all rules about one input
MOST_BUNDLES = 8  # that stay compiled
LONGEST_LINE, LARGEST_FILE, MOST_LINES = 4_096, 1_000_000, 20_000
NOISE = "\nStack backtrace"

ENGINES: "OrderedDict[str, Any]" = OrderedDict()


def load(digest: str, files: dict[str, str]) -> dict[str, object]:
    """Compile the files of a bundle; return their syntax trees, or what is wrong."""
    engine = regorus.Engine()  # pyrefly: ignore[missing-attribute]  it has no types
    engine.set_policy_length_config(
        max_col=LONGEST_LINE, max_file_bytes=LARGEST_FILE, max_lines=MOST_LINES
    )
    errors = []
    for name, text in files.items():
        fault = add(engine, name, text)
        if fault:
            errors.append({"file": name, "message": fault})
    if errors:
        return {"errors": errors}
    try:
        modules = [shortened(one) for one in json.loads(engine.get_ast_as_json())]
    except RecursionError:
        return {"errors": [{"file": "one file", "message": "it is nested too deeply"}]}
    ENGINES[digest] = engine
    while len(ENGINES) > MOST_BUNDLES:
        ENGINES.popitem(last=False)
    return {"modules": modules}


def add(engine: Any, name: str, text: str) -> str:  # noqa: ANN401  it has no types
    """Add a file as Rego v1 or else v0; return what is wrong with it as v1, `""` if nothing."""
    faults = []
    for is_v0 in (False, True):
        engine.set_rego_v0(is_v0)
        try:
            engine.add_policy(name, text)
        except RuntimeError as fault:
            faults.append(str(fault).split(NOISE)[0].strip())
        else:
            return ""
    return str(faults[0])


def shortened(module: dict[str, Any]) -> dict[str, object]:
    """Leave out of a syntax tree what says where each word is, except the lines of rules."""
    source = module["source"]["contents"].encode()
    return {"file": module["source"]["file"], "tree": without_spans(module["ast"], source)}


def without_spans(node: Any, source: bytes) -> Any:  # noqa: ANN401  JSON
    """Keep `line` of rules; replace other places by the text that stands there."""
    if isinstance(node, list):
        return [without_spans(each, source) for each in node]
    if not isinstance(node, dict):
        return node
    if node.keys() == {"line", "col", "start", "end"}:
        return source[node["start"] : node["end"]].decode("utf-8", "replace")
    kept = {
        key: without_spans(value, source)
        for key, value in node.items()
        if key not in {"span", "eidx", "sidx", "qidx"}
    }
    if "head" in node:
        kept["line"] = node["span"]["line"]
    return kept


def evaluate(digest: str, given: str, rules: list[str]) -> dict[str, object]:
    """Ask every rule about one input; say so if the bundle has to be loaded first."""
    engine = ENGINES.get(digest)
    if engine is None:
        return {"unknown": True}
    signal.setitimer(signal.ITIMER_PROF, MOST_WORK_S)  # it ends the process
    engine.set_input_json(given)
    answers = [ask(engine, rule) for rule in rules]
    signal.setitimer(signal.ITIMER_PROF, 0)
    return {"answers": answers}


def ask(engine: Any, rule: str) -> dict[str, object]:  # noqa: ANN401  it has no types
    """Return the value of a rule, or the error that stopped it."""
    try:
        return {"value": json.loads(engine.eval_rule_as_json(rule))}
    except (RuntimeError, ValueError) as fault:
        return {"error": str(fault).split(NOISE)[0].strip()}


def main() -> None:
    """Answer until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        asked = json.loads(line)
        if "files" in asked:
            answer = load(asked["digest"], asked["files"])
        else:
            answer = evaluate(asked["digest"], asked["input"], asked["rules"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
