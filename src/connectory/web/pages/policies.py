"""Policies: the rules in words, all bundles, and what one of them would change."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from connectory.web.parts import Trouble


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule in words; one that does not deny warns."""

    rule: str
    denies: bool
    title: str
    reason: str
    fix: str
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BundleRow:
    """A bundle that could be in force. The shipped one has no `uploaded_at`."""

    digest: str
    rules: int
    is_active: bool
    uploaded_by: str = ""
    uploaded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PoliciesPage:
    """The rules in force; admins see the bundles, too. Template: policies.html."""

    template: ClassVar[str] = "policies.html"

    digest: str
    rules: tuple[RuleRow, ...]
    activated_by: str = ""
    activated_at: datetime | None = None
    bundles: tuple[BundleRow, ...] = ()
    may_change: bool = False
    done: str = ""
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamCount:
    """How many versions and instances change for a team."""

    team: str
    newly_denied: int
    inconclusive: int
    newly_allowed: int


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A version or an instance that would be judged otherwise, and the reasons."""

    change: str
    kind: str
    name: str
    url: str
    team: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BundlePage:
    """One bundle, and what it would change. Template: policy-bundle.html."""

    template: ClassVar[str] = "policy-bundle.html"

    bundle: BundleRow
    rules: tuple[RuleRow, ...]
    judged: int = 0
    left_out: int = 0
    teams: tuple[TeamCount, ...] = ()
    changed: tuple[ChangedRow, ...] = ()
    troubles: tuple[Trouble, ...] = ()
