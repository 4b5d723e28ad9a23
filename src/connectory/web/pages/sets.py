"""Curated sets: all of them, one of them, and the form in which an admin changes one."""

from dataclasses import dataclass
from typing import ClassVar

from connectory.web.parts import Card, Field, Trouble


@dataclass(frozen=True, slots=True)
class SetRow:
    """One set in the list of all."""

    id: str
    title: str
    why: str
    connectors: int
    revision: int


@dataclass(frozen=True, slots=True)
class SetsPage:
    """All sets in their order. Template: sets.html."""

    template: ClassVar[str] = "sets.html"

    rows: tuple[SetRow, ...]
    form: tuple[Field, ...] = ()  # for a new set; none for readers
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True)
class SetPage:
    """One set as everybody sees it. Template: set.html."""

    template: ClassVar[str] = "set.html"

    id: str
    title: str
    why: str
    cards: tuple[Card, ...]
    may_curate: bool = False


@dataclass(frozen=True, slots=True)
class SetMemberRow:
    """One connector of a set, with what became of it."""

    connector: str
    title: str
    state: str


@dataclass(frozen=True, slots=True)
class SetEditPage:
    """One set, to change. Template: set-edit.html. Each form sends the revision it saw."""

    template: ClassVar[str] = "set-edit.html"

    id: str
    title: str
    revision: int
    form: tuple[Field, ...]
    members: tuple[SetMemberRow, ...]
    member_form: tuple[Field, ...]
    done: str = ""  # what has just been done, in words
    troubles: tuple[Trouble, ...] = ()
