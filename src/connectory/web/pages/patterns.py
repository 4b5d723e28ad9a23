"""The design system: every component in its states, and every page with sample content."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from markupsafe import Markup

from connectory.web.pages.comparing import DiffPage
from connectory.web.pages.connector import ConnectorPage
from connectory.web.pages.install import PlanView
from connectory.web.pages.monitoring import Spark
from connectory.web.pages.new import Finding, Group
from connectory.web.pages.policies import RuleRow
from connectory.web.pages.reviewing import ReviewPage
from connectory.web.pages.search import Facet
from connectory.web.parts import (
    Activity,
    Card,
    Cost,
    Field,
    InstanceRow,
    Link,
    LogLineView,
    OperationRow,
    Permissions,
    SecretNeed,
    StepView,
    Trouble,
)


@dataclass(frozen=True, slots=True)
class PatternsPage:
    """Every component. Template: patterns.html."""

    template: ClassVar[str] = "patterns.html"

    samples: tuple[Link, ...]
    grammar: dict[str, tuple[str, ...]]
    cards: tuple[Card, ...]
    fields: tuple[Field, ...]
    secrets: tuple[SecretNeed, ...]
    permissions: Permissions
    cost: Cost
    steps: tuple[StepView, ...]
    lines: tuple[LogLineView, ...]
    activity: tuple[Activity, ...]
    moments: tuple[datetime, ...]
    troubles: tuple[Trouble, ...]
    prose: Markup
    facet: Facet
    plan: PlanView
    instances: tuple[InstanceRow, ...]
    operations: tuple[OperationRow, ...]
    vetted: tuple[ConnectorPage, ...]
    diff: DiffPage
    group: Group
    findings: tuple[Finding, ...]
    sparks: tuple[Spark, ...]
    rules: tuple[RuleRow, ...]
    review: ReviewPage
