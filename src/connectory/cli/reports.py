"""Failures in words and as JSON."""

from connectory.cli.output import Output
from connectory.cli.pieces import Part, Piece, bold, dim, one_line
from connectory.kernel.errors import ConnectoryError, Problem

ERROR, HINT = Piece("error:", "bad"), Piece("hint:", "bold")
WARNING = Piece("warning: ", "warn")


def report(out: Output, failure: ConnectoryError, *, as_json: bool, file: str = "") -> None:
    """Write a failure to the talk, and as a JSON object to the result where that is asked for.

    Args:
        out: Where to write.
        failure: What went wrong.
        as_json: Whether the result is JSON; a document that was written already stays the one.
        file: The document that the problems are in.
    """
    request = str(getattr(failure, "request_id", ""))
    if as_json and not out.has_document:
        out.record({"error": error_body(failure, request)})
    out.complain(ERROR, " ", one_line(failure.message))
    for problem in _worth_listing(failure):
        out.complain("  ", *problem_line(problem, file))
    if failure.hint:
        out.complain(HINT, " ", one_line(failure.hint))
    if request:
        out.complain(dim(f"request: {request}"))


def _worth_listing(failure: ConnectoryError) -> tuple[Problem, ...]:
    """Return the problems, unless the message ends with the only one, which has no place."""
    if len(failure.problems) == 1:
        [only] = failure.problems
        if only.line is None and not only.path and failure.message.endswith(only.message):
            return ()
    return failure.problems


def problem_line(problem: Problem, file: str = "") -> list[Part]:
    """Describe one problem: where, what, and, on the next line, what to do."""
    place = ":".join(str(part) for part in (file, problem.line, problem.column) if part)
    where = "  ".join(part for part in (place, problem.path) if part)
    parts: list[Part] = [bold(where), "  " if where else ""]
    if problem.severity == "warning":
        parts.append(WARNING)
    parts.append(one_line(problem.message))
    if problem.hint:
        parts.append(f"\n      hint: {one_line(problem.hint)}")
    return parts


def problem_body(problem: Problem) -> dict[str, object]:
    """Return a problem under the names of the API."""
    return {
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "severity": problem.severity,
    }


def error_body(failure: ConnectoryError, request: str) -> dict[str, object]:
    """Return a failure as JSON."""
    return {
        "kind": failure.kind,
        "code": failure.code,
        "message": failure.message,
        "hint": failure.hint,
        "request_id": request,
        "problems": [problem_body(problem) for problem in failure.problems],
    }
