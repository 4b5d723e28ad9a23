"""Home: what to connect, where to start, what needs a look."""

from dataclasses import dataclass
from typing import ClassVar

from connectory.web.pages.search import SavedRow
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

    state: str  # of the family `notice`; its mark is shown
    message: str
    link: Link


@dataclass(frozen=True, slots=True)
class SetCards:
    """A curated set with the cards of its connectors."""

    title: str
    why: str
    url: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One step on the way to a first instance, and whether it is done."""

    title: str
    how: str
    is_done: bool
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class ReuseRow:
    """A connector, and how many teams have an instance of it."""

    link: Link
    teams: int


@dataclass(frozen=True, slots=True)
class HomePage:
    """The first page. Template: home.html."""

    template: ClassVar[str] = "home.html"

    sets: tuple[SetCards, ...]
    recent: tuple[Card, ...]
    total: int  # connectors that the reader may see
    team: TeamSummary | None = None
    notices: tuple[Notice, ...] = ()
    more_notices: int = 0  # that are not shown
    searches: tuple[Link, ...] = ()
    saved: tuple[SavedRow, ...] = ()
    reused: tuple[ReuseRow, ...] = ()
    steps: tuple[FirstStep, ...] = ()  # none when they are done or hidden
    may_curate: bool = False
