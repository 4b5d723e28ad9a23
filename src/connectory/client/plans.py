"""Plans: what installing would do, worked out before anything is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict

from connectory.client.catalog import Permissions
from connectory.client.refusals import ProblemBody
from connectory.client.transport import Transport, path_of


class ConnectorName(TypedDict):
    """A connector version inside another answer."""

    namespace: str
    id: str
    version: str


class PlannedSetting(TypedDict):
    """A setting of a plan and where its value is from."""

    name: str
    value: object
    source: str
    required: bool


class PlannedSecret(TypedDict):
    """A secret of a plan and whether it can be read."""

    name: str
    path: str
    state: str
    instructions: str


class MoneyBody(TypedDict):
    """An amount of money, rounded to cents."""

    amount: str
    currency: str


class Cost(TypedDict):
    """What an instance will cost in a month."""

    low: MoneyBody
    high: MoneyBody


class Created(TypedDict):
    """Something that installing makes."""

    kind: str
    name: str
    detail: str


class Tick(TypedDict):
    """A time of a schedule, and what the clock of its zone shows then."""

    at: str
    local: str


class Coming(TypedDict):
    """A schedule and its next times."""

    name: str
    cron: str
    timezone: str
    words: str
    jitter_s: int
    misfire: str
    next: list[Tick]


class Policy(TypedDict):
    """What the rules of the organisation say of a plan; the decision is kept."""

    decision: str
    bundle: str
    allowed: bool


class Plan(TypedDict):
    """What installing would do. Nothing is changed by it."""

    id: str
    state: str
    action: str
    problems: list[ProblemBody]
    connector: ConnectorName
    team: str
    instance: str
    environment: str
    target: str
    region: str
    settings: list[PlannedSetting]
    secrets: list[PlannedSecret]
    permissions: Permissions
    cost: Cost
    creates: list[Created]
    removal: list[str]
    schedules: list[Coming]
    containment: str
    policy: Policy
    expires_at: str


class TargetCard(TypedDict):
    """A place where instances can run, and how far it contains them."""

    name: str
    state: str
    containment: str
    is_contained: bool
    is_cpu_limited: bool


class TargetCards(TypedDict):
    """All targets of a marketplace."""

    items: list[TargetCard]


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What to install where; what is empty is filled in by the server."""

    connector: str
    team: str
    version: str = ""
    environment: str = ""
    name: str = ""
    target: str = ""
    inputs: Mapping[str, object] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, object]:
        """The JSON object that the API takes."""
        named: dict[str, object] = {
            "connector": self.connector,
            "team": self.team,
            "version": self.version,
            "environment": self.environment,
            "name": self.name,
            "target": self.target,
            "inputs": dict(self.inputs),
            "secrets": dict(self.secrets),
        }
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Plans:
    """The routes under /plans and /targets. Each method raises what `Transport.send` does."""

    http: Transport

    def make(self, request: PlanRequest) -> Plan:
        """Work out what installing would do; nothing is changed."""
        return self.http.send(Plan, "POST", "/plans", body=request.body())

    def show(self, plan_id: str) -> Plan:
        """Show a plan that was made before, as it stands now."""
        return self.http.get(Plan, path_of("plans", plan_id))

    def targets(self) -> list[TargetCard]:
        """List the places where instances can run."""
        return self.http.get(TargetCards, "/targets")["items"]
