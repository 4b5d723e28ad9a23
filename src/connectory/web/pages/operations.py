"""Operations: the list, and one of them as it goes on."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from connectory.web.parts import Fact, Link, OperationRow, Option, StepView, Twin

FINAL = frozenset({"succeeded", "failed", "undone", "cancelled"})


@dataclass(frozen=True, slots=True)
class OperationPage:
    """One operation. Template: operation.html."""

    template: ClassVar[str] = "operation.html"

    id: str
    kind: str
    state: str
    team: str
    instance: str
    by: str
    created_at: datetime
    steps: tuple[StepView, ...]
    facts: tuple[Fact, ...]
    ended_at: datetime | None = None
    error: str = ""
    error_code: str = ""
    hint: str = ""
    next: tuple[Link, ...] = ()  # the first one is the main way on
    can_cancel: bool = False
    can_retry: bool = False
    undo: str = ""  # what taking it back would do, if it can be

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in FINAL

    @property
    def headline(self) -> str:
        """What this is about, in words: `Install leads to payments`."""
        joint = {"install": "to", "remove": "from"}.get(self.kind, "of")
        return f"{self.kind.capitalize()} {self.instance} {joint} {self.team}"

    @property
    def progress(self) -> str:
        """Where it is, in one sentence, for people who hear the page."""
        total = len(self.steps)
        for number, step in enumerate(self.steps, start=1):
            if step.state in ("running", "failed"):
                return f"Step {number} of {total}, {step.title}: {step.state}"
        done = sum(step.state == "done" for step in self.steps)
        return f"{done} of {total} steps done, {self.state}"


@dataclass(frozen=True, slots=True)
class OperationsPage:
    """Operations that the reader may see, newest first. Template: operations.html."""

    template: ClassVar[str] = "operations.html"

    rows: tuple[OperationRow, ...]
    team: str = ""
    state: str = ""
    kind: str = ""
    instance: str = ""
    teams: tuple[Option, ...] = ()
    states: tuple[Option, ...] = ()
    kinds: tuple[Option, ...] = ()
    next_url: str = ""
    twins: tuple[Twin, ...] = ()

    @property
    def filtered(self) -> bool:
        """Whether a filter hides some."""
        return bool(self.team or self.state or self.kind or self.instance)
