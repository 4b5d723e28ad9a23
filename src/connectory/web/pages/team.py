"""A team: its instances, people, secrets and defaults."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from connectory.web.parts import Activity, Field, InstanceRow, Option, Trouble


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member and what they may do."""

    account: str
    role: str


@dataclass(frozen=True, slots=True)
class SecretRow:
    """One stored secret: everything but its value."""

    name: str
    path: str
    version: int
    set_at: datetime | None  # None while nothing is stored
    set_by: str


@dataclass(frozen=True, slots=True)
class TeamPage:
    """One team. Template: team.html."""

    template: ClassVar[str] = "team.html"

    slug: str
    title: str
    namespaces: tuple[str, ...]
    role: str  # of the reader; empty for people who only look
    instances: tuple[InstanceRow, ...]
    members: tuple[MemberRow, ...]
    secrets: tuple[SecretRow, ...]
    secret_form: tuple[Field, ...]
    defaults: tuple[Field, ...]
    environment: str
    environments: tuple[Option, ...]
    roles: tuple[str, ...]
    activity: tuple[Activity, ...] = ()
    may_change: bool = False  # may store secrets
    may_own: bool = False  # may change members and defaults
    done: str = ""  # what has just been done, in words
    troubles: tuple[Trouble, ...] = ()

    @property
    def url(self) -> str:
        """This page."""
        return f"/t/{self.slug}"
