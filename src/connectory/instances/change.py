"""Install and remove: what somebody wants, written down as an operation."""

from dataclasses import dataclass

from connectory.instances import rules, store
from connectory.instances.plan import Plan
from connectory.instances.rules import (
    InstanceExistsError,
    InstanceMissingError,
    InstanceState,
    SecretState,
)
from connectory.instances.store import Instance
from connectory.kernel.ids import new_id
from connectory.operations import read as operations
from connectory.operations.begin import Wish, begin
from connectory.operations.rules import OperationRunningError, Recipes
from connectory.packages import pins
from connectory.packages.rules import Pin
from connectory.work import Work

INSTALL = "install"
REMOVE = "remove"
RECOVER = "recover"


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
    pins.pin(work, instance.package_digest, Pin("instance", instance.id, instance.label))
    return Begun(instance, begin(work, wish(INSTALL, instance), recipes[INSTALL]), is_new=True)


def remove(work: Work, team: str, name: str, recipes: Recipes) -> Begun:
    """Begin to remove an instance; one that is being removed answers with its operation.

    Raises:
        InstanceMissingError: If the team has no such instance.
        OperationRunningError: If another operation is at work on it.
    """
    there = store.live(work, team, name, lock=True)
    if there is None:
        raise InstanceMissingError(team, name)
    running = operations.active_on(work, there.id)
    if there.state is InstanceState.REMOVING and running is not None:
        return Begun(there, running, is_new=False)
    operation = begin(work, wish(REMOVE, there), recipes[REMOVE])
    store.set_state(work, there.id, InstanceState.REMOVING)
    return Begun(there, operation, is_new=True)


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
