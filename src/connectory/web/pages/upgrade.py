"""What a change of an instance would do, before it is begun."""

from dataclasses import dataclass
from typing import ClassVar

from connectory.web.parts import Cost, Fact, Field, Trouble

Difference = tuple[str, Fact]  # the sign of what differs, and what it is


@dataclass(frozen=True, slots=True)
class UpgradePage:
    """Another version or other settings: the form, and what it leads to. upgrade.html."""

    template: ClassVar[str] = "upgrade.html"

    team: str
    name: str
    connector: str
    old: str
    new: str
    promised: str  # digest of all this, so that nothing else is begun
    changes: tuple[Difference, ...]  # of the manifest
    setting_changes: tuple[Difference, ...]
    grown: tuple[str, ...]
    cost_before: Cost
    cost: Cost
    fields: tuple[Field, ...] = ()  # version, settings, secrets
    entries: tuple[tuple[str, str], ...] = ()  # what the form was sent with, to send along
    problems: tuple[Trouble, ...] = ()
    trouble: Trouble | None = None

    @property
    def is_change(self) -> bool:
        """Whether anything would be another than it is."""
        return bool(self.changes or self.setting_changes)

    @property
    def verb(self) -> str:
        """What is done, as the button says it."""
        return "Change settings" if self.old == self.new else f"Change to {self.new}"

    @property
    def instance_url(self) -> str:
        """The instance's page, to go back to."""
        return f"/t/{self.team}/i/{self.name}"


@dataclass(frozen=True, slots=True)
class RollbackPage:
    """Confirming to go back to the version before. Template: rollback.html."""

    template: ClassVar[str] = "rollback.html"

    team: str
    name: str
    old: str
    new: str
    changes: tuple[Difference, ...]
    setting_changes: tuple[Difference, ...]
    reach: tuple[Difference, ...]  # what it may do again, and what no longer
    problems: tuple[Trouble, ...] = ()

    @property
    def instance_url(self) -> str:
        """The instance's page, to go back to."""
        return f"/t/{self.team}/i/{self.name}"


@dataclass(frozen=True, slots=True)
class TurnPage:
    """Confirming a change that others notice, such as a rotation. Template: turn.html."""

    template: ClassVar[str] = "turn.html"

    team: str
    name: str
    kind: str
    effect: str
    steps: tuple[str, ...]

    @property
    def instance_url(self) -> str:
        """The instance's page, to go back to."""
        return f"/t/{self.team}/i/{self.name}"
