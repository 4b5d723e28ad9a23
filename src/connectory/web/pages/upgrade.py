"""What an upgrade of an instance would change, before it is begun."""

from dataclasses import dataclass
from typing import ClassVar

from connectory.web.parts import Cost, Fact, Trouble


@dataclass(frozen=True, slots=True)
class UpgradePage:
    """Confirming an upgrade. Template: upgrade.html."""

    template: ClassVar[str] = "upgrade.html"

    team: str
    name: str
    connector: str
    old: str
    new: str
    promised: str  # digest of all this, so that nothing else is begun
    changes: tuple[tuple[str, Fact], ...]  # the sign of each, and what it is
    grown: tuple[str, ...]
    cost_before: Cost
    cost: Cost
    problems: tuple[Trouble, ...] = ()
    trouble: Trouble | None = None

    @property
    def instance_url(self) -> str:
        """The instance's page, to go back to."""
        return f"/t/{self.team}/i/{self.name}"
