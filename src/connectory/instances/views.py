"""The JSON of plans and instances, shared by every route that answers with one."""

import dataclasses
from collections.abc import Iterable

from pydantic import BaseModel

from connectory.catalog.views import ChangeView, PermissionsView
from connectory.costs.rules import Estimate
from connectory.instances import hooks
from connectory.instances.plan import Plan
from connectory.instances.quarantined import StopView
from connectory.instances.read import Health
from connectory.instances.schedule_views import ComingView, coming_view
from connectory.instances.settings import SecretNeed, Setting
from connectory.instances.store import Instance, PlanRow
from connectory.instances.upgrade import Upgrade
from connectory.kernel.clock import rfc3339
from connectory.manifest.diff import Change
from connectory.manifest.model import Manifest
from connectory.operations.read import OperationRow
from connectory.policies.decision_views import PolicyView, policy_view


class ProblemView(BaseModel):
    """One thing that keeps a plan from being installed."""

    code: str
    message: str
    hint: str
    field: str


class ReleaseView(BaseModel):
    """The version that a plan or an instance is bound to."""

    namespace: str
    id: str
    name: str
    version: str
    digest: str
    status: str


class SettingView(BaseModel):
    """One setting of a plan."""

    name: str
    title: str
    description: str
    value: object
    source: str
    required: bool
    json_schema: dict[str, object]


class SecretNeedView(BaseModel):
    """One secret of a plan."""

    name: str
    description: str
    path: str
    state: str
    source: str
    instructions: str
    required: bool


class MoneyView(BaseModel):
    """An exact amount, in cents."""

    amount: str
    currency: str


class CostLineView(BaseModel):
    """One line of a cost estimate."""

    label: str
    low: MoneyView
    high: MoneyView


class CostView(BaseModel):
    """What an instance is expected to cost in a month."""

    low: MoneyView
    high: MoneyView
    formula: str
    lines: list[CostLineView]
    price_book: str
    assumptions: list[str]


class CreationView(BaseModel):
    """One thing that an install creates."""

    kind: str
    name: str
    detail: str


class PlanView(BaseModel):
    """What an install would do."""

    id: str
    state: str
    action: str
    problems: list[ProblemView]
    connector: ReleaseView
    team: str
    instance: str
    environment: str
    target: str
    region: str
    settings: list[SettingView]
    secrets: list[SecretNeedView]
    permissions: PermissionsView
    cost: CostView
    creates: list[CreationView]
    removal: list[str]
    schedules: list[ComingView]
    containment: str
    policy: PolicyView
    expires_at: str


class UpgradeView(PlanView):
    """What an upgrade would do, and what differs from the installed version."""

    from_version: str
    changes: list[ChangeView]
    setting_changes: list[ChangeView]
    grown: list[str]
    cost_before: CostView


class HealthView(BaseModel):
    """How an instance is doing."""

    status: str
    since: str | None
    reason: str
    restarts: int


class InstanceConnector(BaseModel):
    """The version that an instance runs."""

    namespace: str
    id: str
    version: str
    digest: str


class InstanceSetting(BaseModel):
    """One setting of an instance."""

    name: str
    value: object
    source: str


class InstanceSecret(BaseModel):
    """Which path a secret of an instance was read from."""

    name: str
    path: str


class LastOperation(BaseModel):
    """The newest operation of an instance."""

    id: str
    kind: str
    state: str


class InstanceCard(BaseModel):
    """One instance in a list."""

    id: str
    team: str
    name: str
    connector: InstanceConnector
    environment: str
    target: str
    region: str
    state: str
    created_at: str
    created_by: str
    newer: str | None  # the newest approved version, if it is newer
    former: str | None  # the version before, to which it can be rolled back
    last_operation: LastOperation | None
    url: str


class InstanceView(InstanceCard):
    """One instance, whole."""

    settings: list[InstanceSetting]
    secrets: list[InstanceSecret]
    hook_urls: list[str]
    health: HealthView
    stop: StopView | None  # why it is stopped by policy


def plan_view(row: PlanRow, plan: Plan) -> PlanView:
    """Describe a kept plan."""
    return PlanView(
        id=row.id,
        state="ready" if plan.is_ready else "blocked",
        action="install",
        problems=problem_views(plan),
        connector=_release_view(plan),
        team=plan.request.team,
        instance=plan.request.name,
        environment=plan.place.environment,
        target=plan.place.target,
        region=plan.place.region,
        settings=[_setting_view(one) for one in plan.settings],
        secrets=[_need_view(one) for one in plan.secrets],
        permissions=PermissionsView(
            will=list(plan.permissions.will), will_not=list(plan.permissions.will_not)
        ),
        cost=estimate_view(plan.cost),
        creates=[
            CreationView(kind=one.kind, name=one.name, detail=one.detail)
            for one in plan.creates
        ],
        removal=list(plan.removal),
        schedules=[coming_view(one) for one in plan.schedules],
        containment=plan.containment,
        policy=policy_view(plan.policy),
        expires_at=rfc3339(row.expires_at),
    )


def upgrade_view(row: PlanRow, upgrade: Upgrade) -> UpgradeView:
    """Describe the kept plan of an upgrade."""
    known = plan_view(row, upgrade.plan).model_dump()
    return UpgradeView(
        **{**known, "action": upgrade.kind},
        from_version=upgrade.before.release.version,
        changes=change_views(upgrade.changes),
        setting_changes=change_views(upgrade.settings),
        grown=list(upgrade.grows),
        cost_before=estimate_view(upgrade.cost_before),
    )


def problem_views(plan: Plan) -> list[ProblemView]:
    """Describe what keeps a plan from being carried out."""
    return [
        ProblemView(code=p.code, message=p.message, hint=p.hint, field=p.path)
        for p in plan.problems
    ]


def change_views(changes: Iterable[Change]) -> list[ChangeView]:
    """Describe differences."""
    return [ChangeView(**dataclasses.asdict(one)) for one in changes]


def _release_view(plan: Plan) -> ReleaseView:
    release = plan.version.release
    return ReleaseView(
        namespace=release.name.namespace,
        id=release.name.id,
        name=plan.version.manifest.name,
        version=release.version,
        digest=release.digest,
        status=release.status,
    )


def _setting_view(one: Setting) -> SettingView:
    return SettingView(
        name=one.name,
        title=one.title,
        description=one.description,
        value=one.value,
        source=one.source,
        required=one.required,
        json_schema=dict(one.schema),
    )


def _need_view(one: SecretNeed) -> SecretNeedView:
    return SecretNeedView(
        name=one.name,
        description=one.description,
        path=one.path,
        state=one.state,
        source=one.source,
        instructions=one.instructions,
        required=one.required,
    )


def estimate_view(cost: Estimate) -> CostView:
    """Describe an expected cost."""
    return CostView(
        low=MoneyView(**cost.low.as_json()),
        high=MoneyView(**cost.high.as_json()),
        formula=cost.formula,
        lines=[
            CostLineView(
                label=line.label,
                low=MoneyView(**line.low.as_json()),
                high=MoneyView(**line.high.as_json()),
            )
            for line in cost.lines
        ],
        price_book=cost.price_book,
        assumptions=list(cost.assumptions),
    )


def instance_card(
    one: Instance, last: OperationRow | None, newer: str | None = None
) -> InstanceCard:
    """Describe an instance in a list."""
    return InstanceCard(
        id=one.id,
        team=one.team,
        name=one.name,
        connector=InstanceConnector(
            namespace=one.connector.namespace,
            id=one.connector.id,
            version=one.version,
            digest=one.digest,
        ),
        environment=one.environment,
        target=one.target,
        region=one.region,
        state=one.state,
        newer=newer,
        former=one.former.version if one.former else None,
        created_at=rfc3339(one.created_at),
        created_by=one.created_by,
        last_operation=(
            LastOperation(id=last.id, kind=last.kind, state=last.state) if last else None
        ),
        url=f"/t/{one.team}/i/{one.name}",
    )


def instance_view(
    card: InstanceCard,
    one: Instance,
    health: Health,
    hook_urls: list[str],
    stop: StopView | None,
) -> InstanceView:
    """Describe an instance with everything but its secrets' values."""
    return InstanceView(
        **card.model_dump(),
        settings=[
            InstanceSetting(name=name, value=value, source=source)
            for name, (value, source) in one.settings.items()
        ],
        secrets=[InstanceSecret(name=n, path=path) for n, path in one.secrets.items()],
        hook_urls=hook_urls,
        health=health_view(health),
        stop=stop,
    )


def health_view(health: Health) -> HealthView:
    """Describe how an instance is doing."""
    return HealthView(
        status=health.status,
        since=rfc3339(health.since) if health.since else None,
        reason=health.reason,
        restarts=health.restarts,
    )


def hook_urls(one: Instance, manifest: Manifest, base: str) -> list[str]:
    """Return the addresses that the outside calls, without their key."""
    return [f"{base}/hooks/{one.label}{path}" for path in hooks.paths(manifest)]
