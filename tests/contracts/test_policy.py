"""What every policy engine does. A new one joins by a line in ENGINES."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

import opa
from connectory.backends.policy.opa_program import OpaProgram
from connectory.backends.policy.opa_server import OpaServer
from connectory.kernel.secret import Secret
from connectory.policy import bundle, judge
from connectory.policy.engine import UNDEFINED, Answers, Engine, PolicyEngineError
from connectory.policy.judge import Verdict

NEW = """\
package a

import rego.v1

deny contains msg if {
	input.connector.region == "bad"
	msg := "it is bad"
}
"""
OLD = """\
package b
violation[msg] {
	input.connector.region != "good"
	msg = "it is not good"
}
"""


@contextmanager
def embedded() -> Iterator[Answers]:
    engine = Engine()
    yield engine
    engine.close()


@contextmanager
def server() -> Iterator[Answers]:
    with opa.opa_server() as running:
        yield OpaServer(running.url, Secret(opa.TOKEN))


@contextmanager
def program() -> Iterator[Answers]:
    with tempfile.TemporaryDirectory() as folder:
        yield OpaProgram(opa.program(Path(folder)))


@contextmanager
def real_program() -> Iterator[Answers]:
    yield OpaProgram(Path(str(REAL)))


REAL = shutil.which("opa")
ENGINES: dict[str, Callable[[], AbstractContextManager[Answers]]] = {
    "embedded": embedded,
    "OPA server": server,
    "opa": program,
    **({"the real opa": real_program} if REAL else {}),
}


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Answers]:
    with ENGINES[request.param]() as made:
        yield made


@pytest.fixture(scope="module")
def reader() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.close()


def said(reader: Engine, engine: Answers, files: dict[str, str], region: str) -> judge.Decision:
    rules = bundle.compiled(files, reader)
    return judge.judge(rules, {"connector": {"region": region}}, engine)


def test_it_says_what_it_is(engine) -> None:
    assert engine.name


def test_it_denies_and_allows(reader, engine) -> None:
    assert [one.message for one in said(reader, engine, {"a.rego": NEW}, "bad").said] == [
        "it is bad"
    ]
    assert said(reader, engine, {"a.rego": NEW}, "good").is_allowed


def test_it_reads_both_versions_of_the_language(reader, engine) -> None:
    decision = said(reader, engine, {"a.rego": NEW, "b.rego": OLD}, "bad")

    assert sorted(one.message for one in decision.said) == ["it is bad", "it is not good"]


def test_bundles_do_not_mix(reader, engine) -> None:
    assert said(reader, engine, {"b.rego": OLD}, "bad").said
    assert said(reader, engine, {"a.rego": NEW.replace("bad", "worse")}, "bad").is_allowed
    assert said(reader, engine, {"b.rego": OLD}, "bad").said


def test_a_rule_that_is_not_there_is_undefined(engine) -> None:
    answers = engine.evaluate("sha256:1", {"a.rego": NEW}, {}, ["data.a.deny"])

    assert answers == [{"value": []}]
    if engine.name.startswith("OPA"):
        missing = engine.evaluate("sha256:1", {"a.rego": NEW}, {}, ["data.a.dny"])
        assert missing == [{"value": UNDEFINED}]


def test_a_rule_that_fails_allows_nothing(reader, engine) -> None:
    text = NEW.replace(
        'input.connector.region == "bad"', "to_number(input.connector.region) > 1"
    )

    try:
        decision = said(reader, engine, {"a.rego": text}, "bad")
    except PolicyEngineError:
        return
    assert {one.verdict for one in decision.said} == {Verdict.BROKEN}


@pytest.mark.parametrize(
    "gone",
    [OpaServer("http://127.0.0.1:9"), OpaProgram(Path("/nowhere/opa"))],
    ids=["server", "program"],
)
def test_an_engine_that_is_not_there_allows_nothing(reader, gone) -> None:
    with pytest.raises(PolicyEngineError):
        said(reader, gone, {"a.rego": NEW}, "good")


def test_a_server_that_does_not_know_us_allows_nothing(reader) -> None:
    with opa.opa_server() as running, pytest.raises(PolicyEngineError, match="401"):
        said(reader, OpaServer(running.url), {"a.rego": NEW}, "good")
