"""How a connector is looked after: support, lifecycle, changes, costs, removal."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from connectory.manifest import formula
from connectory.manifest.addresses import Contact, Document, FilePath, HookPath, Url
from connectory.manifest.parts import Part
from connectory.manifest.texts import (
    Anything,
    Bool,
    Date,
    ShortForm,
    json_number,
    number_of,
    refusal,
    shown,
)
from connectory.manifest.words import (
    CHANGE,
    LABEL,
    ChangeText,
    Commit,
    ConnectorRef,
    Digest,
    Duration,
    Line,
    MetricName,
    Name,
    Prose,
    SemVer,
    Slug,
    Title,
)

MOST_LINES = 50

SupportLevel = Literal["certified", "team", "community", "experimental", "archived"]
Stage = Literal["alpha", "beta", "stable"]
ChangelogKind = Literal["added", "changed", "deprecated", "removed", "fixed", "security"]
Period = Literal["hour", "day", "week", "month"]
LogFormat = Literal["json", "text"]


class Support(Part):
    """Who helps, and where to read how."""

    runbook: Document | None = None
    """What to do when it fails: an https address, or a file such as `runbook.md`."""
    owner_oncall: Line | None = None
    """Schedule or handle of whoever is on call."""
    channel: Line | None = None
    """Chat channel for questions."""
    docs: Document | None = None
    """Documentation for its users."""
    security_contact: Contact | None = None
    """Where to report a vulnerability."""
    level: SupportLevel | None = None
    """What users may expect."""
    sla: Line | None = None
    """Promise in words: answer within one working day."""


class Alert(Part):
    """A condition that should wake or tell somebody."""

    name: Line
    """Name of the alert."""
    when: Line | None = None
    """Condition in words: errors over 5 % for 10 minutes."""
    severity: Literal["page", "ticket"] = "ticket"
    """Whether it wakes the person on call."""


class Observability(Part):
    """What the connector shows of itself."""

    health: HookPath | Literal["/healthz"] | None = None
    """Path that says whether it is healthy."""
    metrics: tuple[MetricName, ...] = Field(default=(), max_length=MOST_LINES)
    """Metrics that it exports."""
    logs: LogFormat | None = None
    """Form of its log lines."""
    slo: Line | None = None
    """Aim in words: 99.5 % of leads within a minute."""
    alerts: tuple[Annotated[Alert, ShortForm("name", LABEL.schema())], ...] = Field(
        default=(), max_length=MOST_LINES
    )
    """Alerts that are set up with an instance."""


class Quantity:
    """A number, or a formula over inputs: `inputs.leads_per_day * 30`."""

    @staticmethod
    def read(value: object) -> Decimal | str:
        """Return the number or the formula, or raise a `refusal`."""
        number = number_of(value)
        if number is not None and number >= 0:
            return number
        if number is None and isinstance(value, str) and formula.is_formula(value):
            return str(value)
        raise refusal(
            "bad-quantity",
            f"{shown(value)} is neither a number from 0 on nor a formula",
            "write 30000, or a sum or product such as inputs.leads_per_day * 30",
        )

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                _quantity_json, when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        text = {"type": "string", "maxLength": formula.LONGEST, "pattern": formula.ALPHABET}
        return {"anyOf": [{"type": "number", "minimum": 0}, text]}


def _quantity_json(value: Decimal | str) -> int | float | str:
    return value if isinstance(value, str) else json_number(value)


class Usage(Part):
    """One thing that drives the cost of an instance. Prices are never in a manifest."""

    meter: Slug
    """What is counted: requests, vcpu-seconds, rows."""
    quantity: Annotated[Decimal | str, Quantity()]
    """How many in each period: a number, or a formula over inputs."""
    per: Period = "month"
    """Period of the quantity."""


class Cost(Part):
    """Expected use, from which the price book makes an estimate."""

    usage: tuple[Usage, ...] = Field(default=(), max_length=20)
    """What drives the cost."""
    tags: dict[Slug, Line] = Field(default_factory=dict, max_length=20)
    """Tags for cost allocation."""


class Deprecation(Part):
    """The end of a connector, announced."""

    announced: Date | None = None
    """Day of the announcement."""
    sunset: Date | None = None
    """Day after which it no longer works."""
    replaced_by: ConnectorRef | None = None
    """Connector to use instead."""
    message: Prose | None = None
    """What users should do."""


class BreakingChange(Part):
    """What a new major version breaks."""

    message: Prose
    """What changes for its users."""
    upgrade_deadline: Date
    """Last day of the version before; at least 7 days after publishing."""
    migration_guide: Document | None = None
    """How to move."""
    impacted: tuple[Line, ...] = Field(default=(), max_length=MOST_LINES)
    """Who or what is affected."""


class Lifecycle(Part):
    """Maturity, deprecation and promised care."""

    stage: Stage | None = None
    """Maturity."""
    deprecation: Deprecation | None = None
    """Announced end of the whole connector."""
    security_updates_until: Date | None = None
    """Day until which vulnerabilities are fixed."""
    review_by: Date | None = None
    """Day of the next review."""
    breaking_changes: dict[SemVer, BreakingChange] = Field(default_factory=dict, max_length=20)
    """Breaking changes by the version that brings them: `2.0.0`."""


class Change(Part):
    """One line of the changelog."""

    kind: ChangelogKind = "changed"
    """Kind of change."""
    description: ChangeText
    """What is different for users."""
    links: tuple[Url, ...] = Field(default=(), max_length=10)
    """Where to read more."""


class Rollback(Part):
    """How to go back."""

    strategy: Slug | None = None
    """How: `previous-version`, `restore-backup`, `manual`."""
    data_reversible: Bool | None = None
    """Whether data is as before after going back."""
    steps: tuple[Line, ...] = Field(default=(), max_length=MOST_LINES)
    """What a person does."""


class Removal(Part):
    """What stays after an instance is removed."""

    retain: tuple[Line, ...] = Field(default=(), max_length=MOST_LINES)
    """What is kept on purpose; everything else must be gone."""
    notice: Duration | None = None
    """Time between the announcement and the removal: `7d`."""


class Example(Part):
    """A sample of use: found by search, run as a smoke test."""

    title: Title
    """What the example shows."""
    description: Prose | None = None
    """More words."""
    inputs: dict[Name, Anything] = Field(default_factory=dict, max_length=MOST_LINES)
    """Values of inputs."""
    expect: Anything = None
    """What should happen."""


class Link(Part):
    """A place to read more."""

    title: Title
    """Text of the link."""
    url: Contact
    """An https address or an e-mail address."""
    type: Slug | None = None
    """Kind of link: dashboard, source, video."""


class Source(Part):
    """Where the source code is."""

    url: Url
    """Repository, over https."""
    commit: Commit | None = None
    """Commit that the version was built from."""
    path: FilePath | None = None
    """Directory in the repository."""


class Origin(Part):
    """The version that this connector was forked from."""

    id: ConnectorRef
    """Connector: `namespace/id`."""
    version: SemVer
    """Version."""
    digest: Digest | None = None
    """Digest of the version."""


ChangeOrText = Annotated[Change, ShortForm("description", CHANGE.schema())]
