"""SARIF 2.1.0, which code hosts and editors read."""

import json
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from connectory import __version__
from connectory.checks.formats import Told
from connectory.checks.rules import Finding, Result
from connectory.checks.scanners.table import SCANNERS
from connectory.checks.table import CHECKS, MANIFEST
from connectory.kernel.texts import on_one_line, storable

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
KNOWN = {check.id: check for check in (MANIFEST, *CHECKS, *SCANNERS)}
MARKUP = str.maketrans({"\\": "\\\\", "[": "\\[", "]": "\\]"})  # else it could make links


def written(all_told: Sequence[Told]) -> str:
    """Return the log with one run for all connectors, in ASCII."""
    found = [pair for told in all_told for pair in told.findings()]
    rules = {_rule_id(result, finding): result.check for result, finding in found}
    places = {rule: index for index, rule in enumerate(rules)}
    silent = [(told, result) for told in all_told for result in told.report.not_run]
    driver = {
        "name": "Connectory",
        "semanticVersion": __version__,
        "rules": [_rule(rule, check) for rule, check in rules.items()],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not silent,
                "toolExecutionNotifications": [_notification(*one) for one in silent],
            }
        ],
        "results": [_result(*one, places) for one in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule_id(result: Result, finding: Finding) -> str:
    return f"{result.check}/{finding.problem.code}"


def _rule(rule: str, check: str) -> dict[str, object]:
    known = KNOWN.get(check)
    texts = {"shortDescription": known.title, "fullDescription": known.why} if known else {}
    return {"id": rule, **{name: {"text": text} for name, text in texts.items()}}


def _result(result: Result, finding: Finding, places: dict[str, int]) -> dict[str, object]:
    problem, rule = finding.problem, _rule_id(result, finding)
    said = f"{problem.message}. Hint: {problem.hint}" if problem.hint else problem.message
    place: dict[str, object] = {"artifactLocation": {"uri": _address(finding.file)}}
    if problem.line:
        column = {"startColumn": problem.column} if problem.column else {}
        place["region"] = {"startLine": problem.line, **column}
    return {
        "ruleId": rule,
        "ruleIndex": places[rule],
        "level": "error" if finding.is_error else "warning",
        "message": _message(said),
        "locations": [{"physicalLocation": place}],
    }


def _notification(told: Told, result: Result) -> dict[str, object]:
    said = f"{told.label}: {result.check} could not run: {result.reason}"
    return {"level": "warning", "message": _message(said)}


def _message(text: str) -> dict[str, str]:
    return {"text": on_one_line(storable(text)).translate(MARKUP)}


def _address(file: str) -> str:
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(storable(path.as_posix()))
