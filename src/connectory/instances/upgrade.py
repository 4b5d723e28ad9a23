"""What an upgrade would change, and beginning it; and going back."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from connectory.access.rules import Actor
from connectory.catalog import read as catalog
from connectory.catalog.read import Version
from connectory.costs.estimate import estimate
from connectory.costs.rules import Estimate
from connectory.instances import change, plan, read, rules, store
from connectory.instances.change import ROLLBACK, UPGRADE, Begun
from connectory.instances.plan import Plan, Surroundings
from connectory.instances.rules import (
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
from connectory.operations.begin import begin
from connectory.operations.rules import Recipes
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

    request: Request  # with the version filled in
    instance: Instance
    before: Version
    plan: Plan
    changes: tuple[Change, ...]
    grown: Surface
    cost_before: Estimate

    @property
    def grows(self) -> tuple[str, ...]:
        """What the new version may do and the installed one may not, in words."""
        return tuple(
            f"{part.replace('_', ' ')}: {one}"
            for part, names in self.grown.as_json().items()
            for one in names
        )

    def content(self) -> str:
        """Return the digest of what the plan promises, for this state of the instance."""
        promised = {"plan": self.plan.content(), "generation": self.instance.generation}
        return digest_of(canonical_json(promised).encode())


def make(work: Work, request: Request, actor: Actor, around: Surroundings) -> Upgrade:
    """Compute what an upgrade would do. What keeps it from being done is in its plan.

    Raises:
        InstanceMissingError: If the team has no such instance.
        VersionMissingError: If the connector has no such version.
    """
    one = read.instance(work, request.team, request.name)
    new = catalog.version(work, one.connector, request.version, actor)
    before = catalog.by_digest(work, one.connector, one.version, one.digest)
    if before is None:
        raise catalog.VersionMissingError(one.connector, one.version, ())
    made = plan.make(work, _whole(request, one, new), actor, around)
    kept = tuple(_with_source(each, request, one) for each in made.settings)
    return Upgrade(
        request=replace(request, version=new.release.version),
        instance=one,
        before=before,
        plan=replace(made, settings=kept, creates=(), removal=()),
        changes=diff(catalog.normal(work, before.release), catalog.normal(work, new.release)),
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
    there = _running(work, upgrade.request.team, upgrade.request.name, UPGRADE)
    if there.setup != upgrade.instance.setup:
        raise PlanOutdatedError("this upgrade", f"{there.label} has just been changed")
    if replace(wanted, content=there.content) == there.setup:
        raise NothingToChangeError(there.label, there.version)
    if upgrade.grows and not accepts:
        raise PermissionsGrowError(there.label, wanted.version, upgrade.grows)
    return _begin(work, there, wanted, UPGRADE, recipes)


def roll_back(work: Work, team: str, name: str, recipes: Recipes) -> Begun:
    """Begin to go back to the version and settings before the last upgrade.

    Raises:
        InstanceMissingError: If the team has no such instance.
        NoVersionBeforeError: If it was never upgraded.
        InstanceStateError: If it does not run.
        OperationRunningError: If another operation is at work on it.
    """
    there = _running(work, team, name, ROLLBACK)
    if there.former is None:
        raise NoVersionBeforeError(there.label)
    return _begin(work, there, there.former, ROLLBACK, recipes)


def _begin(work: Work, there: Instance, wanted: Setup, kind: str, recipes: Recipes) -> Begun:
    operation = begin(work, change.wish(kind, there), recipes[kind])
    change.store_setup(work, there, replace(there, wanted=wanted))
    return Begun(there, operation, is_new=True)


def _running(work: Work, team: str, name: str, kind: str) -> Instance:
    there = change.changeable(work, team, name)
    if there.state is not InstanceState.RUNNING:
        raise InstanceStateError(there.label, there.state, kind)
    return there


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
