"""What a scanner says that the checks before it have not said."""

from collections.abc import Iterable, Iterator

from connectory.checks.rules import Finding


def news(found: Iterable[tuple[Finding, int]], told: Iterable[Finding]) -> Iterator[Finding]:
    """Leave out what was told before, at least as severely.

    The same is an advisory of the same package and version, by any of its names, or the same
    fault in the same place.

    Args:
        found: Findings of a scanner, each with the last line that it is about.
        told: Findings of the checks before.
    """
    known: dict[str, list[Finding]] = {}

    def learn(one: Finding) -> None:
        for name in _names(one) or {one.problem.code}:
            known.setdefault(name, []).append(one)

    for one in told:
        learn(one)
    for one, end in found:
        before = (each for name in _names(one) for each in known.get(name, ()))
        if not any(_is_same(one, end, each) for each in before):
            learn(one)
            yield one


def _names(one: Finding) -> set[str]:
    """Return all names of what a finding is about; none if it is about nothing with a name."""
    advisory, _, package = one.about.partition(" ")
    if package:
        return {f"{name} {package}" for name in (advisory, *one.also)}
    return {one.about} if one.about else set()


def _is_same(one: Finding, end: int, told: Finding) -> bool:
    if one.is_error and not told.is_error:
        return False
    begin = one.problem.line
    is_there = begin is None or begin <= (told.problem.line or 0) <= end
    return " " in one.about or (one.file == told.file and is_there)
