"""Reviews: the queue, and one of them with all that a reviewer looks at."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from connectory.web.parts import Option


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One review in the queue; `missing` is whose sign-off it waits for."""

    id: str
    connector: str
    version: str
    risk: str
    state: str
    opened_at: datetime
    due_at: datetime | None  # None: nothing is due any more
    is_overdue: bool
    missing: tuple[str, ...]
    passed: int | None  # checks; None before they ran
    total: int

    @property
    def url(self) -> str:
        """Its page."""
        return f"/reviews/{self.id}"


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Reviews, those that wait longest first. Template: reviews.html."""

    template: ClassVar[str] = "reviews.html"

    rows: tuple[QueueRow, ...]
    role: str = ""
    state: str = ""
    age: str = ""
    mine: bool = False
    roles: tuple[Option, ...] = ()
    states: tuple[Option, ...] = ()
    ages: tuple[Option, ...] = ()
    typical_wait: str = ""
    first_url: str = ""
    next_url: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether a filter hides some."""
        return bool(self.role or self.state or self.age)
