"""Deciding what becomes of a connector that does much the same as another."""

from dataclasses import dataclass
from enum import StrEnum

from connectory.access.rules import Actor, Role
from connectory.catalog import read as catalog
from connectory.catalog.rules import Name
from connectory.vetting.again import NotMaintainerError
from connectory.work import Event, Work


class Choice(StrEnum):
    """What can become of two connectors that do much the same."""

    ADOPT = "adopt"
    """The other one is used instead."""
    FORK = "fork"
    """It goes on as a fork of the other one."""
    JUSTIFY = "justify"
    """Both are needed."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A choice and its reason, for whoever asks why there are two."""

    choice: Choice
    reason: str


@dataclass(frozen=True, slots=True)
class SimilarDecided(Event):
    """The owner of a connector said what becomes of it beside another that is like it."""

    other: str
    decision: str
    reason: str


def decide(work: Work, name: Name, other: Name, decision: Decision, by: Actor) -> None:
    """Record what becomes of a connector beside another; nothing else changes by it.

    Raises:
        ConnectorMissingError: If there is no such connector for the actor.
        NotMaintainerError: If the actor is no member of the connector's team.
    """
    own = catalog.shown(work, name, by)
    catalog.shown(work, other, by)
    if not by.has_role(Role.MEMBER, own.team):
        raise NotMaintainerError(name.key, own.team)
    facts = other.key, str(decision.choice), decision.reason
    work.emit(SimilarDecided(name.key, own.team, *facts))
