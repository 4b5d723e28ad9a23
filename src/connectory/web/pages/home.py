"""Home: what to connect, where to start, what needs a look."""

from dataclasses import dataclass
from typing import ClassVar

from connectory.web.parts import Card, Link


@dataclass(frozen=True, slots=True)
class TeamSummary:
    """How a team's instances are, in numbers."""

    team: str
    running: int
    failing: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the reader may want to act on."""

    state: str  # a health state; its mark is shown
    message: str
    link: Link


@dataclass(frozen=True, slots=True)
class HomePage:
    """The first page. Template: home.html."""

    template: ClassVar[str] = "home.html"

    curated: tuple[Card, ...]
    recent: tuple[Card, ...]
    total: int  # connectors that the reader may see
    team: TeamSummary | None = None
    notices: tuple[Notice, ...] = ()
    searches: tuple[Link, ...] = ()
