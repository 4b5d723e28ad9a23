"""How a manifest is refused: every problem at once, each with its place and a way out."""

from typing import ClassVar

from connectory.kernel.errors import ConnectoryError, Fact, Kind, Problem

MOST_PROBLEMS = 100


class ManifestTooLargeError(ConnectoryError):
    """The manifest has more bytes than a manifest may have."""

    kind: ClassVar[Kind] = Kind.TOO_LARGE
    code: ClassVar[str] = "manifest-too-large"

    def __init__(self, size: int, limit: int, *, file: str = "manifest.yaml") -> None:
        super().__init__(
            f"{file} has {size} bytes and the limit is {limit}",
            hint="move long texts into runbook.md or README.md",
            field="manifest",
            limit=limit,
        )


class ManifestError(ConnectoryError):
    """The manifest, or the `deploy.yaml` beside it, breaks at least one rule.

    `problems` has all of them in the order of the file, at most `MOST_PROBLEMS`. The facts say
    where the first one is. `repaired` is the corrected text when Connectory could work it out,
    else empty.
    """

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "manifest-refused"

    def __init__(
        self, problems: tuple[Problem, ...], *, file: str = "manifest.yaml", repaired: str = ""
    ) -> None:
        in_order = sorted(problems, key=lambda p: (p.line or 0, p.column or 0))[:MOST_PROBLEMS]
        first = in_order[0]
        place: dict[str, Fact] = {"line": first.line or 1, "column": first.column or 1}
        super().__init__(
            _summary(file, first, len(in_order)),
            hint=first.hint,
            field=first.path,
            problems=tuple(in_order),
            problem=first.code,
            total=len(in_order),
            **place,
        )
        self.repaired = repaired


def _summary(file: str, first: Problem, total: int) -> str:
    sentence = f"{file} line {first.line or 1}: {first.message}"
    return sentence if total == 1 else f"{sentence} (and {total - 1} more)"
