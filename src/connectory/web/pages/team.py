"""A team: its instances, people, secrets and defaults."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from connectory.web.parts import Activity, Field, InstanceRow, Link, Option, Trouble, Twin


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
    used_by: tuple[Link, ...] = ()  # the instances that were handed it


@dataclass(frozen=True, slots=True)
class DefaultRow:
    """One value that installs of an environment begin with, and the instances that have it."""

    name: str
    field: Field
    used_by: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamTokenRow:
    """A token with which somebody can act for the team."""

    id: str
    account: str
    name: str
    scopes: str
    expires_at: datetime
    last_used: datetime | None
    is_service: bool  # it publishes into a namespace of the team


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
    defaults: tuple[DefaultRow, ...]
    default_form: tuple[Field, ...]  # for one more
    environment: str
    environments: tuple[Option, ...]
    roles: tuple[str, ...]
    tokens: tuple[TeamTokenRow, ...] = ()  # none for those who do not own the team
    activity: tuple[Activity, ...] = ()
    activity_kind: str = ""
    activity_kinds: tuple[Option, ...] = ()
    older_url: str = ""  # empty on the last page of the activity
    newest_url: str = ""  # empty on its first page
    instance_twins: tuple[Twin, ...] = ()
    activity_twins: tuple[Twin, ...] = ()
    may_change: bool = False  # may store secrets
    may_own: bool = False  # may change members and defaults
    done: str = ""  # what has just been done, in words
    troubles: tuple[Trouble, ...] = ()

    @property
    def url(self) -> str:
        """This page."""
        return f"/t/{self.slug}"
