"""Install, remove, pause and the like: what somebody wants, written down as an operation."""

from collections.abc import Iterable
from dataclasses import dataclass

from connectory.catalog import read as catalog
from connectory.instances import rules, store
from connectory.instances.plan import Plan
from connectory.instances.rules import (
    InstanceExistsError,
    InstanceMissingError,
    InstanceState,
    InstanceStateError,
    SecretState,
    Setup,
)
from connectory.instances.store import Instance
from connectory.kernel.ids import new_id
from connectory.operations import read as operations
from connectory.operations.begin import Wish, begin
from connectory.operations.rules import ACTIVE, OperationRunningError, Recipes
from connectory.packages import pins
from connectory.packages.rules import Pin
from connectory.policies import deciding
from connectory.work import Work

INSTALL = "install"
REMOVE = "remove"
RECOVER = "recover"
PAUSE = "pause"
RESUME = "resume"
RESTART = "restart"
ROTATE = "rotate"
SUSPEND = "suspend"
UPGRADE = "upgrade"
ROLLBACK = "rollback"

NEEDED = {
    PAUSE: frozenset({InstanceState.RUNNING}),
    RESUME: frozenset({InstanceState.PAUSED, InstanceState.SUSPENDED}),
    RESTART: frozenset({InstanceState.RUNNING}),
    ROTATE: frozenset({InstanceState.RUNNING}),
}
"""In which states an instance can be for each kind of change."""

EFFECTS = {
    PAUSE: "its process stops, its files and log stay; its hooks ask callers to come back",
    RESUME: "its process starts again as it was; after a quarantine with a new hook key",
    RESTART: "another process with the same settings takes its place; events wait meanwhile",
    ROTATE: (
        "another process with a new hook key and the team's present secrets takes its place; "
        "events wait meanwhile, and the old key is refused afterwards"
    ),
}
"""What each kind of change does, in words."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The instance and the operation that works on it; `is_new` unless it was there before."""

    instance: Instance
    operation: str
    is_new: bool


def install(work: Work, plan: Plan, recipes: Recipes) -> Begun:
    """Begin to install a plan. The very same plan again answers with what is there.

    Raises:
        PlanBlockedError, PlanIncompleteError: If the plan has problems.
        InstanceExistsError: If the team has another instance of this name, or it is failed.
        OperationRunningError: If it is being removed.
    """
    if plan.problems:
        raise rules.refusal(plan.problems)
    instance = _instance(work, plan, plan.content())
    while not store.add(work, instance):
        there = store.live(work, instance.team, instance.name, lock=True)
        if there is not None:  # else it was removed a moment ago
            return _again(work, there, instance.content)
    hold_packages(work, instance, instance.packages)
    deciding.keep(work, plan.policy)
    return Begun(instance, begin(work, wish(INSTALL, instance), recipes[INSTALL]), is_new=True)


def remove(work: Work, team: str, name: str, recipes: Recipes) -> Begun:
    """Begin to remove an instance; one that is being removed answers with its operation.

    Raises:
        InstanceMissingError: If the team has no such instance.
        OperationRunningError: If another operation is at work on it.
    """
    there = changeable(work, team, name)
    running = operations.active_on(work, there.id)
    if there.state is InstanceState.REMOVING and running is not None:
        return Begun(there, running, is_new=False)
    operation = begin(work, wish(REMOVE, there), recipes[REMOVE])
    store.set_state(work, there.id, InstanceState.REMOVING)
    return Begun(there, operation, is_new=True)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change of an instance would do: its effect in words, its steps by title."""

    instance: Instance
    kind: str
    effect: str
    steps: tuple[str, ...]


def preview(work: Work, team: str, name: str, kind: str, recipes: Recipes) -> Preview:
    """Say what `turn` would do now, and change nothing.

    Raises:
        InstanceMissingError: If the team has no such instance.
        VersionQuarantinedError: If it would start a version that is quarantined.
        InstanceStateError: If it is in a state that does not allow it.
        OperationRunningError: If another operation is at work on it.
    """
    there = store.live(work, team, name)
    if there is None:
        raise InstanceMissingError(team, name)
    running = operations.active_on(work, there.id)
    if running is not None:
        raise OperationRunningError(there.label, running)
    _require_state(work, there, kind)
    titles = tuple(step.title for step in recipes[kind].steps)
    return Preview(there, kind, EFFECTS[kind], titles)


def turn(work: Work, team: str, name: str, kind: str, recipes: Recipes) -> Begun:
    """Begin to pause, resume, restart or rotate; while that goes on, answer with it.

    Raises:
        InstanceMissingError: If the team has no such instance.
        VersionQuarantinedError: If it would start a version that is quarantined.
        InstanceStateError: If it is in a state that does not allow it.
        OperationRunningError: If another operation is at work on it.
    """
    there = changeable(work, team, name)
    last = operations.last_on(work, [there.id]).get(there.id)
    if last is not None and last.kind == kind and last.state in ACTIVE:
        return Begun(there, last.id, is_new=False)
    _require_state(work, there, kind)
    return Begun(there, begin(work, wish(kind, there), recipes[kind]), is_new=True)


def changeable(work: Work, team: str, name: str) -> Instance:
    """Return an instance, locked until the transaction ends.

    Raises:
        InstanceMissingError: If the team has no such instance.
    """
    there = store.live(work, team, name, lock=True)
    if there is None:
        raise InstanceMissingError(team, name)
    return there


def require_free(work: Work, there: Instance, setup: Setup) -> None:
    """Refuse a setup of an instance whose version is quarantined.

    Raises:
        VersionQuarantinedError: If it is.
    """
    if catalog.is_held(work, setup.digest):
        label = there.connector.at(setup.version)
        raise rules.refusal((rules.quarantined(label),))


def _require_state(work: Work, there: Instance, kind: str) -> None:
    if kind != PAUSE:
        require_free(work, there, there.setup)
    if there.state not in NEEDED[kind]:
        raise InstanceStateError(there.label, there.state, kind)


def _again(work: Work, there: Instance, content: str) -> Begun:
    """Answer somebody who wants to install what may be there already."""
    if there.state is InstanceState.REMOVING:
        raise OperationRunningError(there.label, operations.active_on(work, there.id) or "")
    connector = there.connector.at(there.version)
    if there.content != content:
        raise InstanceExistsError(there.label, f"{connector} with other settings")
    if there.state is InstanceState.FAILED:
        raise InstanceExistsError(there.label, f"{connector}, which has failed")
    last = operations.last_on(work, [there.id])[there.id]
    return Begun(there, last.id, is_new=False)


def store_setup(work: Work, before: Instance, after: Instance) -> None:
    """Store another setup of an instance, and keep exactly the packages that it needs."""
    store.change_setup(work, after)
    hold_packages(work, after, after.packages - before.packages)
    for digest in before.packages - after.packages:
        pins.unpin(work, digest, holder_kind="instance", holder=after.id)


def hold_packages(work: Work, instance: Instance, digests: Iterable[str]) -> None:
    """Keep packages from being deleted as long as an instance needs them."""
    for digest in digests:
        pins.pin(work, digest, Pin("instance", instance.id, instance.label))


def wish(kind: str, instance: Instance) -> Wish:
    """Say which operation is wanted on an instance."""
    return Wish(kind, instance.id, instance.label, instance.team, instance.generation)


def _instance(work: Work, plan: Plan, content: str) -> Instance:
    release = plan.version.release
    return Instance(
        id=new_id("inst"),
        team=plan.request.team,
        name=plan.request.name,
        connector=release.name,
        version=release.version,
        digest=release.digest,
        package_digest=release.package_digest or "",
        environment=plan.place.environment,
        target=plan.place.target,
        region=plan.place.region,
        state=InstanceState.INSTALLING,
        generation=1,
        settings={
            one.name: (one.value, one.source) for one in plan.settings if one.value is not None
        },
        secrets={
            one.name: one.path
            for one in plan.secrets
            if one.state is SecretState.RESOLVABLE  # an optional one may be missing
        },
        content=content,
        created_at=work.now,
        created_by=work.origin.actor,
    )
