"""JUnit XML: a suite for each connector, a case for each check."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from connectory.checks.formats import Told
from connectory.checks.rules import Finding, Result, State
from connectory.kernel.texts import on_one_line, storable

NO_CHARACTERS = dict.fromkeys(map(ord, "\ufffe\uffff"))  # not allowed in XML, even escaped


def written(all_told: Sequence[Told]) -> str:
    """Return the document. A check that could not run is skipped, never passed."""
    root = Element("testsuites", name="connectory vet")
    for told in all_told:
        _suite(root, told)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


def _suite(root: Element, told: Told) -> None:
    results = told.report.results
    skipped = sum(one.state in {State.NOT_RUN, State.NOT_APPLICABLE} for one in results)
    suite = SubElement(
        root,
        "testsuite",
        name=_text(told.label),
        tests=str(len(results)),
        failures=str(len(told.report.failed)),
        errors="0",
        skipped=str(skipped),
    )
    for result in results:
        _case(suite, told, result)


def _case(suite: Element, told: Told, result: Result) -> None:
    case = SubElement(suite, "testcase", classname=_text(told.label), name=result.check)
    if result.state in {State.NOT_RUN, State.NOT_APPLICABLE}:
        SubElement(case, "skipped", message=_text(f"{result.state}: {result.reason}"))
    errors = [_line(finding) for finding in result.findings if finding.is_error]
    warnings = [_line(finding) for finding in result.findings if not finding.is_error]
    if errors:
        failure = SubElement(case, "failure", message=errors[0], type=result.check)
        failure.text = "\n".join(errors)
    if warnings:
        SubElement(case, "system-out").text = "\n".join(warnings)


def _line(finding: Finding) -> str:
    problem = finding.problem
    place = ":".join(str(part) for part in (finding.file, problem.line, problem.column) if part)
    hint = f" (hint: {problem.hint})" if problem.hint else ""
    return _text(f"{place}: {problem.message}{hint}")


def _text(text: str) -> str:
    return on_one_line(storable(text)).translate(NO_CHARACTERS)
