"""Workflow commands of GitHub Actions, which shows them beside the lines of a pull request."""

from collections.abc import Iterator, Sequence

from connectory.checks.formats import Told
from connectory.checks.rules import Finding, Result
from connectory.kernel.texts import on_one_line

MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
PROPERTY = MESSAGE | str.maketrans({":": "%3A", ",": "%2C"})


def written(all_told: Sequence[Told]) -> str:
    """Return a command for each finding and for each check that could not run."""
    return "\n".join(line for told in all_told for line in _lines(told))


def _lines(told: Told) -> Iterator[str]:
    for result, finding in told.findings():
        yield _annotation(result, finding)
    for result in told.report.not_run:
        title = f"{told.label}: {result.check} could not run"
        yield f"::warning title={_property(title)}::{_message(result.reason)}"
    failed = ", ".join(one.check for one in told.report.failed) or "nothing"
    yield f"::notice title={_property(told.label)}::failed: {_message(failed)}"


def _annotation(result: Result, finding: Finding) -> str:
    problem = finding.problem
    places = {"file": finding.file, "line": problem.line, "col": problem.column}
    known = {name: str(value) for name, value in places.items() if value}
    known["title"] = f"{result.check}: {problem.code}"
    properties = ",".join(f"{name}={_property(value)}" for name, value in known.items())
    message = _message(problem.message)
    hint = f"%0AHint: {_message(problem.hint)}" if problem.hint else ""
    return f"::{'error' if finding.is_error else 'warning'} {properties}::{message}{hint}"


def _property(text: str) -> str:
    return on_one_line(text).translate(PROPERTY)


def _message(text: str) -> str:
    return on_one_line(text).translate(MESSAGE)
