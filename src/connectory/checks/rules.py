"""What a check says of a connector."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from connectory.kernel.errors import Problem


class State(StrEnum):
    """How a check ended. Only `passed` is good news."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not-run"
    """It could not run: there is no data, the data is stale, a tool is absent or crashed."""
    NOT_APPLICABLE = "not-applicable"
    """There is nothing in this connector that it could look at."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem and the file that it is in; an error makes its check fail, a warning not.

    `about` names what it is about, the same each time that it is found; most are about nothing
    that has a name. `also` are other names of the advisory that `about` begins with.
    """

    file: str
    problem: Problem
    about: str = ""
    also: tuple[str, ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether it counts."""
        return self.problem.severity == "error"


@dataclass(frozen=True, slots=True)
class Result:
    """What one check found. `reason` says why it did not run or does not apply."""

    check: str
    state: State
    findings: tuple[Finding, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Alike:
    """Another connector, how alike it is (0 to 1), and in what."""

    key: str  # `namespace/id`
    score: float
    reasons: tuple[str, ...]


class NotRunError(Exception):
    """A check cannot run, or not to an end; the message says why, for people."""

    def __init__(self, reason: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(reason)
        self.findings = findings


def within(file: str, problems: Iterable[Problem]) -> Iterator[Finding]:
    """Say of problems which file they are in."""
    for problem in problems:
        yield Finding(file, problem)
