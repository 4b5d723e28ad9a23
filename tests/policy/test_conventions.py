"""A folder of policies means here what it means to conftest."""

from collections.abc import Iterator

import pytest

from connectory.policy import bundle, judge
from connectory.policy.engine import Engine
from connectory.policy.judge import Verdict

HEAD = "package a\nimport rego.v1\n"
ALWAYS = 'input.connector.id == "x"'
GIVEN = {"connector": {"id": "x"}}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.close()


def said(engine: Engine, *files: str) -> list[tuple[Verdict, str, str]]:
    named = {f"{number}.rego": text for number, text in enumerate(files)}
    decision = judge.judge(bundle.compiled(named, engine), GIVEN, engine)
    return [(one.verdict, one.rule, one.message) for one in decision.said]


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("deny", Verdict.DENIES),
        ("deny_Region_2", Verdict.DENIES),
        ("violation", Verdict.DENIES),
        ("violation_x", Verdict.DENIES),
        ("warn", Verdict.WARNS),
        ("warn_x", Verdict.WARNS),
    ],
)
def test_the_name_says_what_a_rule_does(engine, name, verdict) -> None:
    never = 'deny_never contains "y" if input.connector.id == "y"'
    rule = f'{HEAD}{name} contains "no" if {ALWAYS}\n{never}'

    assert said(engine, rule) == [(verdict, f"a.{name}", "no")]


def test_every_namespace_is_asked(engine) -> None:
    files = [
        f'package p{n}.q\nimport rego.v1\ndeny contains "{n}" if {ALWAYS}' for n in range(2)
    ]

    assert [message for *_, message in said(engine, *files)] == ["0", "1"]


def test_a_message_may_come_with_metadata(engine) -> None:
    rule = f'{HEAD}deny contains {{"msg": "no", "severity": "high"}} if {ALWAYS}'

    assert said(engine, rule) == [(Verdict.DENIES, "a.deny", "no")]


def test_messages_may_be_a_list(engine) -> None:
    rule = f'{HEAD}deny := [m | {ALWAYS}; m := "no"]'

    assert said(engine, rule) == [(Verdict.DENIES, "a.deny", "no")]


@pytest.mark.parametrize(
    "value",
    ["true", "1", '"no"', '{"a": 1}', '["no", 1]', '[{"message": "no"}]'],
)
def test_an_answer_that_is_no_set_of_messages_is_broken(engine, value) -> None:
    rule = f"{HEAD}deny := {value} if {ALWAYS}"

    assert Verdict.BROKEN in {verdict for verdict, *_ in said(engine, rule)}


@pytest.mark.parametrize(
    ("rules", "names", "left"),
    [
        ("deny", '[""]', []),
        ("deny_x", '["x"]', []),
        ("violation_x", '["y", "x"]', []),
        ("deny_x", '["y"]', ["no"]),
        ("deny_x", '["deny_x"]', ["no"]),
        ("deny_x", '"x"', ["no"]),
    ],
    ids=["bare", "named", "one of two", "another", "whole name", "no list"],
)
def test_exceptions_take_rules_of_their_package_back(engine, rules, names, left) -> None:
    rule = f'{HEAD}{rules} contains "no" if {ALWAYS}\nexception contains {names} if {ALWAYS}'

    assert [message for *_, message in said(engine, rule)] == left


def test_an_exception_of_another_package_takes_nothing_back(engine) -> None:
    rule = f'{HEAD}deny_x contains "no" if {ALWAYS}'
    other = f'package b\nimport rego.v1\nexception contains ["x"] if {ALWAYS}'

    assert [message for *_, message in said(engine, rule, other)] == ["no"]


def test_both_versions_of_the_language_stand_side_by_side(engine) -> None:
    new = f'{HEAD}deny contains "new" if {ALWAYS}'
    old = f'package b\ndeny[msg] {{ {ALWAYS}; msg := "old" }}'

    assert sorted(message for *_, message in said(engine, new, old)) == ["new", "old"]
