"""Failures in words."""

from io import StringIO
from typing import ClassVar

import pytest

from connectory.cli.output import Output
from connectory.cli.reports import report
from connectory.kernel.errors import ConnectoryError, Kind, Problem


class SpoiltError(ConnectoryError):
    """Something is spoilt."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "spoilt"


def told(*problems: Problem, hint: str = "throw it away") -> str:
    talk = StringIO()
    failure = SpoiltError("the milk is off", hint=hint, problems=problems)
    report(Output(talk=talk), failure, as_json=False, file="fridge.yaml")
    return talk.getvalue()


def test_a_failure_is_an_error_and_a_hint() -> None:
    assert told() == "error: the milk is off\nhint: throw it away\n"


def test_a_failure_without_a_hint_is_only_an_error() -> None:
    assert told(hint="") == "error: the milk is off\n"


def test_a_problem_has_file_line_column_path_and_hint() -> None:
    problem = Problem("sour", "it smells", "close the lid", "door.milk", 3, 5)

    assert "  fridge.yaml:3:5  door.milk  it smells\n      hint: close the lid\n" in told(
        problem
    )


def test_a_problem_that_repeats_the_message_is_not_listed() -> None:
    assert told(Problem("sour", "the milk is off", "x")) == told()


@pytest.mark.parametrize("severity", ["error", "warning"])
def test_warnings_say_that_they_are_some(severity: str) -> None:
    said = told(Problem("sour", "it smells", "", severity=severity))

    assert ("warning: it smells" in said) == (severity == "warning")
