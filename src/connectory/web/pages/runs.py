"""The runs of an instance: rows of its page, and one run whole."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from connectory.web.parts import Fact, LogLineView


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run in a table. `took_s` is None until its first attempt has ended."""

    id: str
    url: str
    trigger: str
    path: str
    state: str
    attempts: int
    created_at: datetime
    took_s: float | None
    error: str


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run. Template: run.html. Input, answer and log are empty for who may not see them."""

    template: ClassVar[str] = "run.html"

    team: str
    instance: str
    row: RunRow
    facts: tuple[Fact, ...]
    input: str = ""
    answer: str = ""
    log: tuple[LogLineView, ...] = ()
    may_change: bool = False

    @property
    def is_dead_letter(self) -> bool:
        """Whether nobody will deliver it again unless somebody says so."""
        return self.row.state in {"dead", "refused"}

    @property
    def can_discard(self) -> bool:
        """Whether it can be called off."""
        return self.row.state in {"waiting", "failed", "dead", "refused"}
