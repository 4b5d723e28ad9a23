"""Cases with their right verdicts, labelled by hand, and how well a detector does on them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

LEAST = 0.95  # of recall and of precision
Input = TypeVar("Input")
FINE = "fine"
"""The verdict on what must not be found."""


@dataclass(frozen=True, slots=True)
class Case(Generic[Input]):
    """What is looked at, the right verdict, and whose documentation has the format."""

    name: str
    given: Input
    expected: str
    source: str


@dataclass(frozen=True, slots=True)
class Rates:
    """How much of what is wrong was found as that, and how much of what was found is wrong."""

    recall: float
    precision: float
    misses: tuple[str, ...]


def rates(cases: Sequence[Case[Input]], verdict: Callable[[Input], str]) -> Rates:
    """Ask a detector for its verdicts, and print how it does."""
    said = [(case, verdict(case.given)) for case in cases]
    hits = sum(case.expected == told != FINE for case, told in said)
    wrong = sum(case.expected != FINE for case in cases)
    found = sum(told != FINE for _, told in said)
    misses = tuple(
        f"{case.name}: {told}, not {case.expected} ({case.source})"
        for case, told in said
        if case.expected != told
    )
    done = Rates(hits / wrong, hits / found if found else 0.0, misses)
    print(f"{len(cases)} cases: recall {done.recall:.3f}, precision {done.precision:.3f}")  # noqa: T201
    print("\n".join(misses))  # noqa: T201
    return done


def assert_found(
    cases: Sequence[Case[Input]], verdict: Callable[[Input], str], *, number: int
) -> None:
    """Require that a detector does well on at least so many cases."""
    assert len(cases) >= number
    done = rates(cases, verdict)
    assert done.recall >= LEAST, done.misses
    assert done.precision >= LEAST, done.misses
