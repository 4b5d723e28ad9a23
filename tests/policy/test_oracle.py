"""Our verdicts are those of a real OPA, or stricter.

`opa-golib-python-bindings` is OPA itself; its wheels are for Python 3.14. Elsewhere it works
when it is unpacked into a folder that CONNECTORY_TEST_OPA names; else nothing is collected.
"""

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from connectory.policy import bundle, judge
from connectory.policy.bundle import Bundle
from connectory.policy.engine import Engine
from connectory.policy.judge import Verdict
from connectory.policy.names import is_failure

FOLDER = os.environ.get("CONNECTORY_TEST_OPA", "")
if FOLDER:
    sys.path.append(FOLDER)
__test__ = importlib.util.find_spec("opa_bindings") is not None

BRIEF = """\
package connectors.policy

violation contains reason if {
	connector := input.connector
	connector.vetting_status != "approved"
	reason = "Connector not approved"
}

violation contains reason if {
	region := input.connector.runtime.resources.region
	not region_allowed(region)
	reason = sprintf("Region %v not allowed", [region])
}

region_allowed(region) if {
	allowed := {"us-east-1", "us-west-2"}
	region == allowed[_]
}
"""
INPUTS: dict[str, dict[str, Any]] = {
    "approved": {
        "vetting_status": "approved",
        "runtime": {"resources": {"region": "us-east-1"}},
    },
    "draft": {"vetting_status": "draft", "runtime": {"resources": {"region": "us-east-1"}}},
    "outside": {
        "vetting_status": "approved",
        "runtime": {"resources": {"region": "eu-west-1"}},
    },
    "no region": {"vetting_status": "approved", "runtime": {"resources": {}}},
    "region in upper case": {
        "vetting_status": "approved",
        "runtime": {"resources": {"region": "US-EAST-1"}},
    },
    "region that is a list": {
        "vetting_status": "approved",
        "runtime": {"resources": {"region": ["us-east-1"]}},
    },
    "nothing": {},
}
STRICTER = {
    "not of a comparison with what is missing": ("not input.missing < 3", {}),
    "not of a function that fails": ('not to_number("x") > 1', {}),
    "a function of the wrong type": ('startswith(input.n, "1")', {"n": 1}),
    "entries of a number": ("some x in input.n; x > 1", {"n": 1}),
}
"""What OPA lets through in silence. docs/concepts/policies.md lists them."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.close()


def denied_by_opa(rules: Bundle, given: dict[str, Any]) -> list[str]:
    """Return the messages of all rules that deny; what fails says nothing, as OPA has it."""
    bindings = importlib.import_module("opa_bindings")
    with bindings.OpaEngine() as opa:
        for name, text in rules.files.items():
            opa.add_policy(name, text.replace("import rego.v1", ""))
        found: list[object] = []
        for rule in filter(is_failure, rules.rules):
            try:
                found += opa.eval_document(rule, given)
            except (bindings.OpaUndefinedError, bindings.OpaError):
                continue  # the bindings are strict where OPA itself goes on
    return sorted(one["msg"] if isinstance(one, dict) else str(one) for one in found)


def denied_here(decision: judge.Decision) -> list[str]:
    return sorted(one.message for one in decision.said if one.verdict is Verdict.DENIES)


def shipped_inputs() -> dict[str, dict[str, Any]]:
    good, bad = bundle.fixtures(bundle.SHIPPED)
    return {"good": good, **{name: judge.patched(good, patch) for name, patch in bad.items()}}


@pytest.mark.parametrize("name", INPUTS)
def test_the_rules_of_the_brief_say_the_same(engine, name) -> None:
    rules = bundle.compiled({"brief.rego": BRIEF}, engine)
    given = {"connector": INPUTS[name]}

    decision = judge.judge(rules, given, engine)

    assert denied_here(decision) == denied_by_opa(rules, given)
    assert decision.is_allowed == (name == "approved")


@pytest.mark.parametrize("name", shipped_inputs())
def test_the_shipped_rules_say_the_same(engine, name) -> None:
    rules = bundle.read(bundle.SHIPPED, engine)
    given = shipped_inputs()[name]

    decision = judge.judge(rules, given, engine)

    assert denied_here(decision) == denied_by_opa(rules, given)
    assert decision.is_allowed == (name == "good")


@pytest.mark.parametrize("name", STRICTER)
def test_where_the_engines_differ_ours_denies(engine, name) -> None:
    body, given = STRICTER[name]
    body = f'{body}; object.get(input, "b", 1) == 1'
    text = f'package a\nimport rego.v1\ndeny contains "no" if {{ {body} }}'
    rules = bundle.compiled({"a.rego": text}, engine)

    assert denied_by_opa(rules, given) == []
    assert not judge.judge(rules, given, engine).is_allowed
