"""What a version or an instance used beside what it declares, and a narrower manifest."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from connectory.web.pages.comparing import DiffLine
from connectory.web.parts import Fact


@dataclass(frozen=True, slots=True)
class ObservedRow:
    """Something that is declared, or was wanted, and what became of it."""

    what: str
    name: str
    verdict: str  # as marks.OBSERVED knows them
    detail: str


@dataclass(frozen=True, slots=True)
class ObservedPart:
    """Part of the pages of connectors and instances. Component: observed.html."""

    instances: int
    since: datetime | None
    is_enough: bool
    rows: tuple[ObservedRow, ...]
    facts: tuple[Fact, ...]  # of memory, CPU and starts
    tighten_url: str


@dataclass(frozen=True, slots=True)
class TightenPage:
    """A narrower manifest beside the published one. Template: tighten.html."""

    template: ClassVar[str] = "tighten.html"

    label: str  # `bizops/crm@1.3.0` or `payments/leads`
    back_url: str
    old: str
    observed: ObservedPart
    questions: tuple[str, ...] = ()
    new: str = ""
    lines: tuple[DiffLine, ...] = ()
    download_url: str = ""
    why_not: str = ""
    early: bool = False
