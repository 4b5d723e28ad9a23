"""One running connector of a team, and the page that removes it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from connectory.web.pages.install import SettingRow
from connectory.web.pages.monitoring import NOTHING_YET, Monitoring
from connectory.web.pages.observed import ObservedPart
from connectory.web.pages.runs import RunRow
from connectory.web.parts import (
    Activity,
    Fact,
    LogLineView,
    OperationRow,
    Option,
    ScheduleRow,
    SecretNeed,
    Trouble,
    Twin,
)


@dataclass(frozen=True, slots=True)
class VersionRow:
    """What the instance ran from a moment on, and how its settings changed then."""

    version: str
    kind: str
    by: str
    at: datetime
    changes: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Stop:
    """Why an instance is stopped by policy; `is_lifted` says that it may be resumed."""

    reason: str
    by: str
    at: datetime
    is_lifted: bool


@dataclass(frozen=True, slots=True)
class InstancePage:
    """One instance. Template: instance.html."""

    template: ClassVar[str] = "instance.html"

    team: str
    name: str
    connector: str
    connector_url: str
    version: str
    environment: str
    state: str
    health: str
    facts: tuple[Fact, ...]
    settings: tuple[SettingRow, ...]
    secrets: tuple[SecretNeed, ...]
    health_since: datetime | None = None
    health_reason: str = ""
    hook_urls: tuple[str, ...] = ()
    logs: tuple[LogLineView, ...] = ()
    monitoring: Monitoring = NOTHING_YET
    schedules: tuple[ScheduleRow, ...] = ()
    observed: ObservedPart | None = None
    operations: tuple[OperationRow, ...] = ()
    runs: tuple[RunRow, ...] = ()  # the last ones, newest first
    dead_letters: int = 0
    twins: tuple[Twin, ...] = ()  # of the list of runs
    activity: tuple[Activity, ...] = ()
    versions: tuple[VersionRow, ...] = ()  # newest first
    newer: str = ""  # the newest approved version, if that is newer
    stop: Stop | None = None
    former: str = ""  # the version before, to which it can be rolled back
    may_change: bool = False
    has_key: bool = False  # whether the hook addresses are shown with their key
    level: str = ""
    text: str = ""
    levels: tuple[Option, ...] = (
        Option("", "All levels"),
        Option("info", "Info and above"),
        Option("warn", "Warn and above"),
        Option("error", "Errors only"),
    )

    @property
    def changes(self) -> tuple[tuple[str, str, str], ...]:
        """What can be done with its process now: the change, its words, its icon."""
        if self.state == "running":
            return (("pause", "Pause", "pause"), ("restart", "Restart", "restart"))
        is_lifted = self.stop is not None and self.stop.is_lifted
        may_resume = self.state == "paused" or (self.state == "suspended" and is_lifted)
        return (("resume", "Resume", "running"),) if may_resume else ()

    @property
    def may_upgrade(self) -> bool:
        """Whether another version can take the place of the present one."""
        return self.state in {"running", "suspended"}

    @property
    def url(self) -> str:
        """This page."""
        return f"/t/{self.team}/i/{self.name}"

    @property
    def api_url(self) -> str:
        """The same instance in the API."""
        return f"/api/v1/teams/{self.team}/instances/{self.name}"


@dataclass(frozen=True, slots=True)
class RemovePage:
    """Confirming that an instance goes. Template: remove.html."""

    template: ClassVar[str] = "remove.html"

    team: str
    name: str
    connector: str
    version: str
    environment: str
    consequences: tuple[str, ...]
    typed: str = ""
    trouble: Trouble | None = None

    @property
    def instance_url(self) -> str:
        """The instance's page, to go back to."""
        return f"/t/{self.team}/i/{self.name}"
