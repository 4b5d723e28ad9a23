"""The writers of reports, with findings whose texts attack whoever reads them."""

import json
from pathlib import Path
from xml.etree.ElementTree import fromstring

import jsonschema_rs
import pytest

from connectory.checks.formats import Told, github, junit, sarif
from connectory.checks.rules import Finding, Result, State
from connectory.checks.run import Report
from connectory.kernel.errors import Problem

HOSTILE = (
    "\x1b]0;owned\x07 [click](https://evil.example) <b>&\"' ]]>"
    "\n::error file=x::forged\r\n::stop-commands::t"
    "\u202e\u2066 \ud800 \ufffe 100% , : \u2028 \0"
)
SCHEMA = Path(__file__).with_name("sarif-2.1.0.json")
"""The schema of OASIS, as published."""


@pytest.fixture(scope="module")
def is_sarif() -> jsonschema_rs.Validator:
    """The official schema, compiled."""
    return jsonschema_rs.validator_for(json.loads(SCHEMA.read_bytes()))


def told(text: str = HOSTILE) -> Told:
    error = Problem("aws-key", text, text, text, line=3, column=7)
    warning = Problem("odd", text, "", severity="warning")
    results = (
        Result("manifest", State.PASSED),
        Result("secrets", State.FAILED, (Finding(f"a b/{text}", error),)),
        Result("own", State.PASSED, (Finding("/srv/a:b", warning),)),
        Result("licences", State.NOT_RUN, (), text),
        Result("deploy", State.NOT_APPLICABLE, (), text),
    )
    return Told(f"connectors/{text}", Report(None, results))


@pytest.mark.parametrize("reports", [[], [told()], [told(), told("plain")]], ids=[0, 1, 2])
def test_sarif_keeps_the_official_schema(
    is_sarif: jsonschema_rs.Validator, reports: list[Told]
) -> None:
    log = json.loads(sarif.written(reports))

    assert [error.message for error in is_sarif.iter_errors(log)] == []
    assert log["version"] == "2.1.0"


def test_sarif_says_what_and_where_and_what_could_not_run() -> None:
    [run] = json.loads(sarif.written([told("plain")]))["runs"]

    [first, second] = run["results"]
    place = first["locations"][0]["physicalLocation"]
    assert (first["ruleId"], first["level"]) == ("secrets/aws-key", "error")
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == "secrets/aws-key"
    assert place["artifactLocation"]["uri"] == "a%20b/plain"
    assert place["region"] == {"startLine": 3, "startColumn": 7}
    other = second["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert other == "file:///srv/a%3Ab"
    [invocation] = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "licences could not run" in str(invocation["toolExecutionNotifications"])


def test_sarif_has_no_links_that_a_finding_made() -> None:
    [run] = json.loads(sarif.written([told()]))["runs"]

    message = run["results"][0]["message"]["text"]
    assert r"\[click\](https://evil.example)" in message
    assert "\x1b" not in message
    assert "\u202e" not in message


def test_junit_is_well_formed_and_escapes_what_findings_say() -> None:
    root = fromstring(junit.written([told(), told("plain")]))  # noqa: S314  our own text

    [suite, _] = root
    assert {name: suite.get(name) for name in ("tests", "failures", "skipped")} == {
        "tests": "5",
        "failures": "1",
        "skipped": "2",
    }
    assert "<b>&\"' ]]>" in suite.findall(".//failure")[0].text
    assert [case.get("name") for case in suite if case.find("skipped") is not None] == [
        "licences",
        "deploy",
    ]


def test_no_finding_forges_a_workflow_command() -> None:
    lines = github.written([told()]).split("\n")

    assert [line.split(" ")[0] for line in lines] == [
        "::error",
        "::warning",
        "::warning",
        "::notice",
    ]
    assert not any(letter in "".join(lines) for letter in "\r\x1b\u2028\u202e\0")


def test_annotations_name_the_line() -> None:
    [first, *_] = github.written([told("50%, a:b")]).split("\n")

    assert first == (
        "::error file=a b/50%25%2C a%3Ab,line=3,col=7,title=secrets%3A aws-key"
        "::50%25, a:b%0AHint: 50%25, a:b"
    )
