"""What components are made from: plain values, shared by several pages.

A page says what is true, a component how it looks. Nothing here decides anything.
"""

from dataclasses import dataclass
from datetime import datetime

from connectory.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text; `matched` when the search found it there."""

    text: str
    matched: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A way to somewhere on this site."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Twin:
    """Another form of a list, for other programs. Component: twins.html."""

    name: str
    url: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a list of facts. `code` shows the value in the fixed-width face."""

    name: str
    value: str
    code: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One connector in a list. Component: card.html."""

    namespace: str
    id: str
    version: str
    name: tuple[Span, ...]
    description: tuple[Span, ...]
    status: str
    url: str
    tags: tuple[str, ...] = ()
    runtime: str = ""
    risk: str = ""
    why: tuple[str, ...] = ()  # why the search found it, in words: `tag "alert"`
    install_url: str = ""  # empty when it cannot be installed now


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a connector will be able to do and what it will not, in words."""

    will: tuple[str, ...]
    will_not: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CostLine:
    """One part of an estimate, per month."""

    label: str
    low: Money
    high: Money


@dataclass(frozen=True, slots=True)
class Cost:
    """An expected range per month and how it came about. Component: cost.html."""

    low: Money
    high: Money
    formula: str
    lines: tuple[CostLine, ...] = ()
    price_book: str = ""
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One labelled control of a form, with what was entered. Component: field.html."""

    name: str
    label: str
    kind: str = "text"  # text, number, select, checkbox, textarea, secret
    value: str = ""
    hint: str = ""
    error: str = ""
    required: bool = False
    source: str = ""  # where the value comes from: you, team default, connector default
    options: tuple[Option, ...] = ()
    example: str = ""

    @property
    def id(self) -> str:
        """The element's id; error summaries link to it."""
        return "f-" + self.name.replace(".", "-").replace("_", "-")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing to put right, in words. `field` links to the control it is about."""

    message: str
    hint: str = ""
    field: str = ""  # the id of a Field


@dataclass(frozen=True, slots=True)
class SecretNeed:
    """A secret that a connector asks for, and whether the team has it."""

    name: str
    description: str
    state: str  # resolvable, missing, unmapped; empty when no team is chosen yet
    path: str = ""
    instructions: str = ""


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of an operation. Times are None until they happen."""

    title: str
    state: str
    started: datetime | None = None
    ended: datetime | None = None
    detail: str = ""
    tries: int = 1


@dataclass(frozen=True, slots=True)
class LogLineView:
    """One line of an instance's log."""

    offset: int
    at: datetime
    level: str
    message: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OperationRow:
    """One operation in a list."""

    id: str
    kind: str
    state: str
    instance: str
    team: str
    by: str
    created_at: datetime
    ended_at: datetime | None = None

    @property
    def url(self) -> str:
        """Its page."""
        return f"/operations/{self.id}"


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """One instance in a list."""

    team: str
    name: str
    connector: str
    connector_url: str
    version: str
    environment: str
    state: str
    created_at: datetime

    @property
    def url(self) -> str:
        """Its page."""
        return f"/t/{self.team}/i/{self.name}"


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """When an instance runs by itself. Component: schedules.html."""

    name: str  # the cron line and its zone
    words: str
    about: str  # delay, and what becomes of times that were missed
    times: tuple[str, ...]  # the next ones, as the clock of its zone shows them
    last_run: Link | None = None
    skipped: tuple[str, ...] = ()  # times that had no run, and why


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that happened, as the audit trail tells it."""

    what: str
    subject: str
    actor: str
    at: datetime
    url: str = ""


def plain(text: str) -> tuple[Span, ...]:
    """Return a text in which nothing was searched for."""
    return (Span(text),)
