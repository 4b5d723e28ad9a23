"""What rules read is followed, or the rule is never taken for conclusive."""

from collections.abc import Iterator
from typing import Any

import pytest

from connectory.policy import bundle, judge
from connectory.policy.bundle import PolicyRefusedError
from connectory.policy.engine import Engine
from connectory.policy.judge import Verdict
from connectory.policy.values import words

GOOD: dict[str, Any] = {
    "connector": {
        "region": "us-east-1",
        "hosts": ["a.example", "b.example"],
        "secrets": [{"name": "key", "owner": "ops"}, {"name": "token", "owner": "ops"}],
        "limits": {"cpu": {"most": 1}, "memory": {"most": 2}},
        "id": "crm-to-slack",
    }
}

FOLLOWED = {
    "alias": ('x := input.connector\nx.region == "bad"', {"region": None}),
    "alias of an alias": ('x := input\ny := x.connector\ny.region == "bad"', {"region": None}),
    "unified": ('x = input.connector\nx.region == "bad"', {"region": None}),
    "unified, turned round": ('input.connector = x\nx.region == "bad"', {"region": None}),
    "name in brackets": ('input["connector"]["region"] == "bad"', {"region": None}),
    "name of a constant": ('input.connector[which] == "bad"', {"region": None}),
    "some": ('some s in input.connector.secrets\ns.owner == "bad"', {"secrets": [{}]}),
    "some with a key": (
        'some i, s in input.connector.secrets\ns.owner == "bad"',
        {"secrets": [{}]},
    ),
    "second entry": ('input.connector.secrets[1].owner == "bad"', {"secrets": [{"owner": 1}]}),
    "every": (
        'every s in input.connector.secrets { s.owner == "bad" }',
        {"secrets": [{"owner": "bad"}, {}]},
    ),
    "wildcard": ('input.connector.secrets[_].owner == "bad"', {"secrets": [{}]}),
    "index": (
        (
            'some i\ninput.connector.secrets[i].name == "key"\n'
            'input.connector.secrets[i].owner == "bad"'
        ),
        {"secrets": [{"name": "key"}]},
    ),
    "entries of a map": (
        "input.connector.limits[_].most > 9",
        {"limits": {"cpu": {"most": None}}},
    ),
    "comprehension": (
        'count({s.name | some s in input.connector.secrets; s.owner == "bad"}) > 0',
        {"secrets": None},
    ),
    "comprehension, then a step": (
        (
            "all_of := [s | some s in input.connector.secrets]\n"
            'some one in all_of\none.owner == "bad"'
        ),
        {"secrets": [{}]},
    ),
    "through a function": ("is_bad(input.connector)", {"region": None}),
    "through two functions": ("is_bad_too(input)", {"region": None}),
    "what a function returns": ('part(input).region == "bad"', {"region": None}),
    "what a function returned": ('x := part(input)\nx.region == "bad"', {"region": None}),
    "through a helper": ("helper", {"region": None}),
    "helper's value": ('its_region == "bad"', {"region": None}),
    "not of a comparison": ('not input.connector.region != "bad"', {"region": None}),
    "not of a function's argument": ("not is_good(input.connector.region)", {"region": None}),
    "not of not": ("not is_not_bad", {"region": None}),
    "not of a counted set": ("not is_clean", {"hosts": None}),
    "not of what has a choice": ("not is_chosen", {"region": None}),
    "not of what is true by default": ("not is_fine", {"region": None}),
    "default that is false": ("is_denied", {"region": None}),
    "list in a list": ('[x, _] := [input.connector, 1]\nx.region == "bad"', {"region": None}),
    "map that is written down": (
        'x := {"c": input.connector}\nx.c.region == "bad"',
        {"region": None},
    ),
    "below a default": (
        'object.get(input.connector, "limits", {"cpu": {}}).cpu.most == 9',
        {"limits": None},
    ),
    "below what has a default": (
        'some s in object.get(input.connector, "secrets", [])\ns.owner == "bad"',
        {"secrets": [{}]},
    ),
    "in": ('"bad" in input.connector.hosts', {"hosts": None}),
    "in, of no list": ('"bad" in input.connector.hosts', {"hosts": "bad"}),
    "in with a key": ('"region", "bad" in input.connector', {"region": None}),
    "else": ('chosen == "bad"', {"region": None}),
    "local name that is a rule elsewhere": (
        'helper := input.connector\nhelper.region == "bad"',
        {"region": None},
    ),
    "one of some names": (
        'some name in ["region", "id"]\ninput.connector[name] == "bad"',
        {"region": None},
    ),
    "below one of some names": (
        'some name in ["limits", "more"]\nobject.get(input.connector, name, {})[_].most > 9',
        {"limits": {"cpu": {"most": None}}},
    ),
    "import": ('c.region == "bad"', {"region": None}),
}
HELPERS = """
which := "region"
is_bad(x) if x.region == "bad"
is_bad_too(x) if is_bad(x.connector)
part(x) := x.connector
helper if input.connector.region == "bad"
its_region := input.connector.region
is_good(x) if x != "bad"
is_not_bad if not is_bad_region
is_bad_region if input.connector.region == "bad"
bad_hosts contains h if { some h in input.connector.hosts; h == "bad" }
is_clean if count(bad_hosts) == 0
is_chosen if input.connector.region == "bad"
else := true
default is_fine := true
is_fine := false if input.connector.region == "bad"
default is_denied := false
is_denied if input.connector.region == "bad"
chosen := "bad" if { input.connector.region == "bad" } else := "good"
"""
LOST = {
    "destructured": '{"region": x} := {"region": input.connector.region, "b": 1}\nx.y == 1',
    "pattern over the input": '{"region": x} = input.connector\nx == "bad"',
    "some with a pattern": 'some {"owner": x} in input.connector.secrets\nx == "bad"',
    "pattern of an argument": "patterned([input.connector.limits, 1])",
    "computed name": 'input.connector[lower("REGION")] == "bad"',
    "name of the input": 'input.connector[input.connector.id] == "bad"',
    "key that is compared": 'some k, v in input.connector\nk == "region"\nv == "bad"',
    "key that is compared in v0": 'input.connector[k] == "bad"\nk == "region"',
    "keys in a set": '"nowhere" in {k | some k, _ in input.connector}',
    "keys handed on": 'named["nowhere"]',
    "key in a text": 'some k, _ in input.connector\nsprintf("%v", [k]) == "nowhere"',
    "keys by a function": '"nowhere" in object.keys(input.connector)',
    "walk": 'walk(input.connector, [p, v])\np[0] == "region"\nv == "bad"',
    "whole map": 'input.connector.limits == {"cpu": 1}',
    "subset": 'object.subset(input.connector, {"region": "bad"})',
    "filtered": 'json.filter(input, ["connector/region"]) == 1',
    "text of all": 'contains(json.marshal(input), "nowhere")',
    "computed, then a step": 'object.union(input.connector, {}).nowhere == "bad"',
    "parsed, then a step": "json.unmarshal(input.connector.id).nowhere == 1",
    "split, then a step": 'split(input.connector.id, "-")[7] == "bad"',
    "with": 'helper with input as {"connector": {"region": "good"}}',
    "with a part": 'helper with input.connector.region as "good"',
    "package as a map": "data.a[_] == input.connector.region",
    "computed rule": "x := data.a[input.connector.id]\nx == 1",
    "nothing of that name": "data.nowhere.x == input.connector.region",
    "map of the input": 'm := {k: v | some k, v in input.connector}\nm.nowhere == "bad"',
    "map of a rule": 'mapped.nowhere == "bad"',
    "table by name": "object.get(input.connector, lower(input.connector.id), {}).x == 1",
}
LOST_HELPERS = """
patterned([{"cpu": x}, _]) if x == 99
named contains k if some k, _ in input.connector
mapped[k] := v if some k, v in input.connector
helper if input.connector.region == "bad"
"""
SPOKEN = {
    "not of a path": ("not input.connector.nowhere", {}),
    "not below an alias": ("x := input.connector\nnot x.nowhere", {}),
    "default": ('object.get(input.connector, "nowhere", "") == ""', {}),
    "path with a default": ('object.get(input, ["connector", "no", "where"], "") == ""', {}),
    "not of a helper": ("not is_bad_region", {"region": None}),
    "not of a helper that is false": ("not is_denied", {"region": None}),
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.close()


def judged(engine: Engine, body: str, helpers: str, patch: dict[str, Any]) -> judge.Decision:
    text = (
        "package a\nimport rego.v1\nimport input.connector as c\n"
        f'{helpers}\ndeny contains "no" if {{\n{body}\n}}\n'
        f"test_used if {{ {'; '.join(_names(helpers))} }}\n"
    )
    rules = bundle.compiled({"a.rego": text}, engine)
    return judge.judge(rules, judge.patched(GOOD, {"connector": patch}), engine)


def _names(helpers: str) -> list[str]:
    """Call every helper, so that none is left over."""
    heads = (line.removeprefix("default ").split()[0] for line in helpers.split("\n") if line)
    return sorted(
        {head for head in heads if "(" not in head and head != "else"} - {"mapped[k]"}
    ) + ["mapped"] * ("mapped" in helpers)


@pytest.mark.parametrize(("body", "patch"), FOLLOWED.values(), ids=FOLLOWED)
def test_a_path_that_is_followed_is_missed_when_it_is_absent(engine, body, patch) -> None:
    there = judged(engine, body, HELPERS, {})
    absent = judged(engine, body, HELPERS, patch)

    assert there.said == ()
    assert {one.verdict for one in absent.said} & {Verdict.INCONCLUSIVE, Verdict.BROKEN}


@pytest.mark.parametrize("body", LOST.values(), ids=LOST)
def test_a_path_that_cannot_be_followed_never_allows(engine, body) -> None:
    decision = judged(engine, body, LOST_HELPERS, {})

    assert not decision.is_allowed
    assert Verdict.INCONCLUSIVE in {one.verdict for one in decision.said}


@pytest.mark.parametrize(("body", "patch"), SPOKEN.values(), ids=SPOKEN)
def test_a_missing_value_that_was_thought_of_is_denied_and_not_in_doubt(
    engine, body, patch
) -> None:
    decision = judged(engine, body, HELPERS, patch)

    assert {one.verdict for one in decision.said} == {Verdict.DENIES}


def test_paths_are_named_for_people(engine) -> None:
    text = (
        "package a\nimport rego.v1\n"
        'deny contains "no" if { some s in input.connector.secrets; s.owner == "bad" }'
    )

    (clause,) = bundle.compiled({"a.rego": text}, engine).clauses

    assert [words(path) for path in clause.reads] == ["secrets", "secrets[]", "secrets[].owner"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('denny contains "x" if input.a\ndeny contains "y" if input.b', "policy-unasked"),
        ('deny[x] := 1 if x := input.a\nviolation contains "y" if input.b', "policy-shape"),
        ('deny(x) if x\nviolation contains "y" if input.b', "policy-shape"),
        ('deny contains "x" if starts_with(input.a, "b")', "policy-unknown-function"),
        ('deny contains "x" if a(input.a)\na(x) if b(x)\nb(x) if a(x)', "policy-recursive"),
        ('deny contains "x" if helper\nhelper if helper', "policy-recursive"),
        (
            'deny contains "x" if count(input.a) == 1 with count as http.send',
            "policy-forbidden",
        ),
        (f'deny contains "x" if input.a == {"1 + " * 600}1', "policy-syntax"),
    ],
    ids=[
        *("misspelt", "map", "function", "unknown", "circle", "itself", "disguised", "deep"),
    ],
)
def test_what_cannot_be_understood_is_refused_when_it_is_read(engine, text, code) -> None:
    with pytest.raises(PolicyRefusedError) as refused:
        bundle.compiled({"a.rego": f"package a\nimport rego.v1\n{text}\n"}, engine)

    assert refused.value.problems[0].code == code
