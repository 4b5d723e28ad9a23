"""What an upgrade would change, and beginning it; and going back."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from connectory.access.rules import Actor
from connectory.catalog import read as catalog
from connectory.catalog.read import Version
from connectory.catalog.rules import Status
from connectory.costs.estimate import estimate
from connectory.costs.rules import Estimate
from connectory.instances import change, history, plan, read, rules, store
from connectory.instances.change import ROLLBACK, UPGRADE, Begun
from connectory.instances.plan import Plan, Surroundings
from connectory.instances.rules import (
    NOT_APPROVED,
    InstanceState,
    InstanceStateError,
    NothingToChangeError,
    NoVersionBeforeError,
    PermissionsGrowError,
    PlanOutdatedError,
    SecretState,
    Setup,
)
from connectory.instances.settings import Setting
from connectory.instances.store import Instance, PlanRow
from connectory.kernel.digest import canonical_json, digest_of
from connectory.kernel.ids import new_id
from connectory.manifest.diff import Change, diff
from connectory.manifest.surface import Surface, surface
from connectory.operations import read as operations
from connectory.operations.begin import begin
from connectory.operations.rules import OperationRunningError, Recipes
from connectory.policies import deciding
from connectory.work import Work


@dataclass(frozen=True, slots=True)
class Request:
    """Which instance should become what; settings and secrets not named are kept."""

    team: str
    name: str
    version: str = catalog.LATEST
    inputs: Mapping[str, object] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Upgrade:
    """The answer: the plan of the new version, and what differs from the installed one."""

    kind: str  # upgrade or rollback
    request: Request  # with the version filled in
    instance: Instance
    before: Version
    plan: Plan
    changes: tuple[Change, ...]  # of the manifest
    settings: tuple[Change, ...]  # of what the instance is set to
    grown: Surface
    cost_before: Estimate

    @property
    def grows(self) -> tuple[str, ...]:
        """What the new version may do and the installed one may not, in words."""
        return in_words(self.grown)

    def content(self) -> str:
        """Return the digest of what the plan promises, for this state of the instance."""
        promised = {"plan": self.plan.content(), "generation": self.instance.generation}
        return digest_of(canonical_json(promised).encode())


def in_words(reach: Surface) -> tuple[str, ...]:
    """Write what a connector may do: `hosts: slack.com`."""
    return tuple(
        f"{part.replace('_', ' ')}: {one}"
        for part, names in reach.as_json().items()
        for one in names
    )


def make(work: Work, request: Request, actor: Actor, around: Surroundings) -> Upgrade:
    """Compute what an upgrade would do. What keeps it from being done is in its plan.

    Raises:
        InstanceMissingError: If the team has no such instance.
        VersionMissingError: If the connector has no such version.
    """
    one = read.instance(work, request.team, request.name)
    new = catalog.version(work, one.connector, request.version, actor)
    made = plan.make(work, _whole(request, one, new), actor, around)
    kept = tuple(_with_source(each, request, one) for each in made.settings)
    request = replace(request, version=new.release.version)
    return _compared(work, UPGRADE, request, one, replace(made, settings=kept), around)


def make_back(work: Work, team: str, name: str, actor: Actor, around: Surroundings) -> Upgrade:
    """Compute what a rollback would do.

    Raises:
        InstanceMissingError: If the team has no such instance.
        NoVersionBeforeError: If it was never upgraded.
        InstanceStateError: If it does not run.
        OperationRunningError: If another operation is at work on it.
    """
    one = read.instance(work, team, name)
    former = _former(one)
    running = operations.active_on(work, one.id)
    if running is not None:
        raise OperationRunningError(one.label, running)
    values = {name: value for name, (value, _) in former.settings.items()}
    request = Request(team, name, former.version, values, former.secrets)
    new = catalog.version(work, one.connector, former.version, actor)
    made = plan.make(work, _whole(request, one.with_setup(former), new), actor, around)
    exact = tuple(s for s in made.settings if s.name in former.settings)
    is_deprecated = new.release.status is Status.DEPRECATED  # going back to that is allowed
    problems = tuple(p for p in made.problems if not (is_deprecated and p.code == NOT_APPROVED))
    exactly = replace(made, settings=exact, problems=problems)
    return _compared(work, ROLLBACK, request, one, exactly, around)


def _compared(
    work: Work, kind: str, request: Request, one: Instance, made: Plan, around: Surroundings
) -> Upgrade:
    """Say how a plan differs from what an instance runs."""
    new = made.version
    before = catalog.by_digest(work, one.connector, one.version, one.digest)
    if before is None:
        raise catalog.VersionMissingError(one.connector, one.version, ())
    return Upgrade(
        kind=kind,
        request=request,
        instance=one,
        before=before,
        plan=replace(made, creates=(), removal=()),
        changes=diff(catalog.normal(work, before.release), catalog.normal(work, new.release)),
        settings=history.differences(one.settings, _setup(made).settings),
        grown=surface(new.manifest).grown_since(surface(before.manifest)),
        cost_before=estimate(
            before.manifest,
            target=one.target,
            region=one.region,
            book=around.book,
            inputs={name: value for name, (value, _) in one.settings.items()},
        ),
    )


def keep(work: Work, upgrade: Upgrade, *, minutes: int) -> PlanRow:
    """Keep the plan of an upgrade for a while, so that exactly it can be carried out."""
    row = PlanRow(
        id=new_id("plan"),
        team=upgrade.request.team,
        request=dataclasses.asdict(upgrade.request),
        content=upgrade.content(),
        expires_at=work.now + timedelta(minutes=minutes),
    )
    store.add_plan(work, row)
    deciding.keep(work, upgrade.plan.policy)
    return row


def kept(work: Work, row: PlanRow, actor: Actor, around: Surroundings) -> Upgrade:
    """Return the upgrade of a kept plan, computed again.

    Raises:
        PlanOutdatedError: If it is no upgrade, or would do something else by now.
    """
    if not row.is_upgrade:
        raise PlanOutdatedError(row.id, "it is the plan of an install")
    made = make(work, Request(**row.request), actor, around)  # type: ignore[arg-type]  # as kept
    if made.content() != row.content:
        raise PlanOutdatedError(row.id, "the instance, its settings or prices have changed")
    return made


def start(work: Work, upgrade: Upgrade, recipes: Recipes, *, accepts: bool) -> Begun:
    """Begin an upgrade.

    Raises:
        PlanBlockedError, PlanIncompleteError: If the plan has problems.
        PermissionsGrowError: If the new version may do more and `accepts` is false.
        NothingToChangeError: If it leads to what is installed.
        InstanceStateError: If the instance does not run.
        OperationRunningError: If another operation is at work on it.
    """
    if upgrade.plan.problems:
        raise rules.refusal(upgrade.plan.problems)
    wanted = _setup(upgrade.plan)
    there = change.changeable(work, upgrade.request.team, upgrade.request.name)
    _require_standing(there, UPGRADE)
    if there.setup != upgrade.instance.setup:
        raise PlanOutdatedError("this upgrade", f"{there.label} has just been changed")
    if replace(wanted, content=there.content) == there.setup:
        raise NothingToChangeError(there.label, there.version)
    if upgrade.grows and not accepts:
        raise PermissionsGrowError(there.label, wanted.version, upgrade.grows)
    deciding.keep(work, upgrade.plan.policy)
    return _begin(work, there, wanted, UPGRADE, recipes)


def roll_back(work: Work, team: str, name: str, recipes: Recipes) -> Begun:
    """Begin to go back to the version and settings before the last upgrade.

    Raises:
        InstanceMissingError: If the team has no such instance.
        NoVersionBeforeError: If it was never upgraded.
        VersionQuarantinedError: If that version is quarantined by now.
        InstanceStateError: If it does not run.
        OperationRunningError: If another operation is at work on it.
    """
    there = change.changeable(work, team, name)
    former = _former(there)
    change.require_free(work, there, former)
    return _begin(work, there, former, ROLLBACK, recipes)


def amended(
    work: Work, base: Instance, request: Request, actor: Actor, around: Surroundings
) -> Setup:
    """Return what an instance would run with other settings than `base`, at its version.

    Raises:
        PlanBlockedError, PlanIncompleteError: If it could not run so.
    """
    version = catalog.version(work, base.connector, base.version, actor)
    made = plan.make(work, _whole(request, base, version), actor, around)
    if made.problems:
        raise rules.refusal(made.problems)
    kept = tuple(_with_source(each, request, base) for each in made.settings)
    return _setup(replace(made, settings=kept))


def _begin(work: Work, there: Instance, wanted: Setup, kind: str, recipes: Recipes) -> Begun:
    operation = begin(work, change.wish(kind, there), recipes[kind])
    change.store_setup(work, there, replace(there, wanted=wanted, tried=None))
    return Begun(there, operation, is_new=True)


def _former(there: Instance) -> Setup:
    _require_standing(there, ROLLBACK)
    if there.former is None:
        raise NoVersionBeforeError(there.label)
    return there.former


def _require_standing(there: Instance, kind: str) -> None:
    """Refuse what neither runs nor was suspended; another version is the way out of that."""
    if there.state not in {InstanceState.RUNNING, InstanceState.SUSPENDED}:
        raise InstanceStateError(there.label, there.state, kind)


def _whole(request: Request, one: Instance, new: Version) -> plan.Request:
    """Ask for the new version with what the instance has, as far as it still knows it."""
    inputs = {each.name for each in new.manifest.inputs}
    secrets = {each.name for each in new.manifest.secrets}
    values = {name: value for name, (value, _) in one.settings.items() if name in inputs}
    paths = {name: path for name, path in one.secrets.items() if name in secrets}
    return plan.Request(
        connector=one.connector.key,
        team=one.team,
        name=one.name,
        version=new.release.version,
        environment=one.environment,
        target=one.target,
        inputs={**values, **request.inputs},
        secrets={**paths, **request.secrets},
    )


def _with_source(setting: Setting, request: Request, one: Instance) -> Setting:
    """Say of a setting that is kept where its value once came from."""
    if setting.name in request.inputs or setting.name not in one.settings:
        return setting
    return replace(setting, source=rules.Source(one.settings[setting.name][1]))


def _setup(made: Plan) -> Setup:
    release = made.version.release
    return Setup(
        version=release.version,
        digest=release.digest,
        package_digest=release.package_digest or "",
        settings={s.name: (s.value, s.source) for s in made.settings if s.value is not None},
        secrets={s.name: s.path for s in made.secrets if s.state is SecretState.RESOLVABLE},
        content=made.content(),
    )
