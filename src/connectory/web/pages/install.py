"""Installing: one form, then the plan it leads to. Works without script from end to end."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from connectory.web.parts import (
    Cost,
    Fact,
    Field,
    Permissions,
    ScheduleRow,
    SecretNeed,
    Trouble,
)


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting as it will be, and where its value comes from."""

    name: str
    title: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """What would happen, before anything does. Component: plan.html."""

    id: str
    team: str
    instance: str
    facts: tuple[Fact, ...]
    settings: tuple[SettingRow, ...]
    secrets: tuple[SecretNeed, ...]
    permissions: Permissions
    cost: Cost
    creates: tuple[Fact, ...]
    removal: tuple[str, ...]
    schedules: tuple[ScheduleRow, ...]
    containment: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class InstallPage:
    """The form, and the plan once there is one. Template: install.html.

    `team` and `environment` are those whose defaults fill the form.
    """

    template: ClassVar[str] = "install.html"

    namespace: str
    id: str
    name: str
    version: str
    team: str
    where: tuple[Field, ...]  # team, environment, target, name
    settings: tuple[Field, ...]
    secret_fields: tuple[Field, ...]
    permissions: Permissions
    cost: Cost | None
    environment: str
    troubles: tuple[Trouble, ...] = ()
    plan: PlanView | None = None
    entries: tuple[tuple[str, str], ...] = ()  # what the plan was made from, to send along

    @property
    def connector_url(self) -> str:
        """The page of the version that is being installed."""
        return f"/c/{self.namespace}/{self.id}@{self.version}"

    @property
    def url(self) -> str:
        """Where the form is sent."""
        return f"{self.connector_url}/install"
