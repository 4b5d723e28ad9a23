"""Judging: the brief's rules as written, and everything that is not a clear yes is a no."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectory.manifest import loader
from connectory.policy import bundle, judge
from connectory.policy.bundle import Bundle, PolicyRefusedError
from connectory.policy.document import DEPLOY, Circumstances, document
from connectory.policy.engine import Engine, PolicyEngineError
from connectory.policy.judge import Verdict

BRIEF = Path(__file__).parents[1] / "manifest/examples/brief.yaml"
SNIPPET = """\
package connectors.policy
# Disallow deploying non-approved connectors
violation[reason] {
connector := input.connector
connector.vetting_status != "approved"
reason = "Connector not approved"
}
# Only allow approved regions
violation[reason] {
region := input.connector.runtime.resources.region
not region_allowed(region)
reason = sprintf("Region %v not allowed", [region])
}
region_allowed(region) {
allowed := {"us-east-1", "us-west-2"}
region == allowed[_]
}
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.close()


def read(folder: Path, text: str, engine: Engine) -> Bundle:
    (folder / "rules.rego").write_text(text)
    return bundle.read(folder, engine)


@pytest.mark.parametrize(
    ("status", "region", "said"),
    [
        ("approved", "us-east-1", []),
        ("approved", "us-east1", []),
        ("draft", "us-east-1", [(Verdict.DENIES, "Connector not approved")]),
        ("approved", "eu-west-1", [(Verdict.DENIES, "Region eu-west-1 not allowed")]),
    ],
    ids=["approved", "alias", "draft", "outside"],
)
def test_the_snippet_works_as_written(tmp_path, engine, status, region, said) -> None:
    given = document(
        loader.load(BRIEF.read_bytes()), Circumstances(DEPLOY, region=region), status=status
    )

    decision = judge.judge(read(tmp_path, SNIPPET, engine), given, engine)

    assert [(one.verdict, one.message) for one in decision.said] == said


def test_without_a_region_it_is_inconclusive(tmp_path, engine) -> None:
    given = document(loader.load(BRIEF.read_bytes()), Circumstances(DEPLOY), status="approved")

    decision = judge.judge(read(tmp_path, SNIPPET, engine), given, engine)

    assert not decision.is_allowed
    (said,) = decision.said
    assert said.verdict is Verdict.INCONCLUSIVE
    assert said.message.startswith("the rule in line 9 of rules.rego cannot be judged: ")
    assert said.message.endswith("there is no runtime.resources.region")
    assert said.fix == "add runtime.resources.region to the manifest"


FRIDAY = """package hours
import rego.v1

deny contains msg if {
    input.instance.target == "local"
    time.weekday(time.parse_rfc3339_ns(input.now)) == "Friday"
    who := [input.team.name, input.instance.name]
    msg := sprintf("%v installs nothing on a Friday: %v", who)
}
"""


@pytest.mark.parametrize(
    ("about", "said"),
    [
        (Circumstances(at=datetime(2026, 11, 27, tzinfo=UTC)), []),
        (
            Circumstances(
                DEPLOY,
                target="local",
                team="payments",
                instance="leads",
                at=datetime(2026, 11, 27, 23, 59, 59, tzinfo=UTC),
            ),
            ["payments installs nothing on a Friday: leads"],
        ),
        (Circumstances(DEPLOY, target="local", at=datetime(2026, 11, 26, tzinfo=UTC)), []),
    ],
    ids=["review", "friday", "thursday"],
)
def test_a_rule_knows_for_whom_what_and_when(tmp_path, engine, about, said) -> None:
    given = document(loader.load(BRIEF.read_bytes()), about)

    decision = judge.judge(read(tmp_path, FRIDAY, engine), given, engine)

    assert [one.message for one in decision.said] == said


@pytest.mark.parametrize("given", [{}, {"conector": {}}, {"connector": {}}])
def test_a_document_without_what_is_read_is_not_allowed(tmp_path, engine, given) -> None:
    assert not judge.judge(read(tmp_path, SNIPPET, engine), given, engine).is_allowed


def test_the_shipped_rules_hold_and_deny_what_is_bad(engine) -> None:
    shipped = bundle.read(bundle.SHIPPED, engine)
    good, bad = bundle.fixtures(bundle.SHIPPED)

    assert judge.tests(shipped, engine) == []
    assert judge.unproven(shipped, good, bad, engine) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "package",
        "package a\nimport rego.v1\ndenny contains 1 if input.a",
        'package a\nimport rego.v1\ndeny contains "x" if http.send({"url": input.a})',
        'package a\nimport rego.v1\ndeny contains "x" if opa.runtime() == input.a',
    ],
    ids=["empty", "broken", "misspelt", "http", "runtime"],
)
def test_what_cannot_be_trusted_is_refused(tmp_path, engine, text) -> None:
    with pytest.raises(PolicyRefusedError):
        read(tmp_path, text, engine)


def test_a_rule_that_fails_is_not_allowed(tmp_path, engine) -> None:
    rules = read(
        tmp_path, 'package a\nimport rego.v1\ndeny contains "x" if 1 / input.a > 1', engine
    )

    assert not judge.judge(rules, {"a": 0}, engine).is_allowed


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("count(numbers.range(1, 90000000)) < 0", "memory"),
        (
            "some x in numbers.range(1, 5000)\nsome y in numbers.range(1, 5000)\nx * y < 0",
            "time",
        ),
    ],
    ids=["memory", "loop"],
)
def test_the_engine_outlives_its_worker(tmp_path, engine, body, why) -> None:
    text = f"package a\nimport rego.v1\ndeny contains input.a if {{\n{body}\n}}"
    rules = read(tmp_path, text, engine)

    with pytest.raises(PolicyEngineError, match=f"more {why}"):
        judge.judge(rules, {"a": "x"}, engine)

    assert judge.judge(read(tmp_path, SNIPPET, engine), {}, engine).said


def test_a_worker_that_was_killed_is_replaced(tmp_path, engine) -> None:
    rules = read(tmp_path, SNIPPET, engine)
    before = judge.judge(rules, {}, engine)
    engine.close()

    assert judge.judge(rules, {}, engine) == before
