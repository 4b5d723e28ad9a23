"""Two versions of one connector, or up to three connectors, beside each other."""

from dataclasses import dataclass
from typing import ClassVar

from connectory.web.parts import Fact, Option


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One difference between two manifests; what is not there is empty."""

    path: str
    kind: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a unified diff. `sign` is `+`, `-`, `@` or empty."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file that differs; `lines` only of a small text."""

    path: str
    kind: str
    old_size: str
    new_size: str
    lines: tuple[DiffLine, ...] = ()


@dataclass(frozen=True, slots=True)
class DiffPage:
    """What differs between two versions. Template: diff.html."""

    template: ClassVar[str] = "diff.html"

    namespace: str
    id: str
    name: str
    old: str
    new: str
    versions: tuple[Option, ...]
    grown: tuple[Fact, ...]
    shrunk: tuple[Fact, ...]
    changes: tuple[ValueRow, ...]
    files: tuple[FileRow, ...]

    @property
    def url(self) -> str:
        """The page of the connector."""
        return f"/c/{self.namespace}/{self.id}"


@dataclass(frozen=True, slots=True)
class Column:
    """One of the connectors that are compared; `without` is the page without it."""

    label: str
    url: str
    without: str


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One thing that all of them say something about, in the order of the columns."""

    name: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether they do not all say the same."""
        return len(set(self.values)) > 1


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Connectors side by side. Template: compare.html."""

    template: ClassVar[str] = "compare.html"

    columns: tuple[Column, ...]
    rows: tuple[ComparedRow, ...]
    chosen: str = ""  # as the address names them: `a@1,b@2`
    may_add: bool = True
