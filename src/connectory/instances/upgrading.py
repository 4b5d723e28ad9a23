"""The steps of upgrade and rollback: a new generation replaces the old one, or nothing changes.

Both exchange what an instance runs for what is wanted. Undoing exchanges it back and starts the
old setup as yet another generation, because a target never goes back to an older one.
"""

from dataclasses import dataclass, replace

from connectory.catalog.rules import Status
from connectory.instances import again, change, history, reversing, rules, store
from connectory.instances.change import ROLLBACK, UPGRADE
from connectory.instances.crew import Crew, required
from connectory.instances.rules import InstanceState, Place
from connectory.instances.store import Instance
from connectory.operations.rules import Done, Operation, Recipe, Recipes, State, Step
from connectory.work import Event, Work


@dataclass(frozen=True, slots=True)
class InstanceUpgraded(Event):
    """An instance runs another version or other settings, and was seen healthy."""

    instance: str
    connector: str
    digest: str


@dataclass(frozen=True, slots=True)
class InstanceRolledBack(Event):
    """An instance runs what it ran before its last upgrade, and was seen healthy."""

    instance: str
    connector: str
    digest: str


@dataclass(frozen=True, slots=True)
class UpgradeUndone(Event):
    """An upgrade or rollback failed, and the instance runs what it ran before."""

    instance: str
    connector: str


def recipes(crew: Crew) -> Recipes:
    """Return how to upgrade an instance and how to roll it back."""
    steps = _Upgrading(crew)
    recipe = Recipe(
        steps=(
            Step("check", "Check status, policy and secrets", steps.check),
            Step("environment", "Build the environment", steps.prepare, crew.start_again),
            Step("switch", "Change version and settings", steps.switch, steps.switch_back),
            Step("start", "Replace the process", crew.start),
            Step("verify", "Wait until it is healthy", crew.wait_until_healthy),
        ),
        finish=_finish,
        again=again.upgrade,
        reverse=reversing.upgrade,
    )
    return {UPGRADE: recipe, ROLLBACK: recipe}


@dataclass(frozen=True, slots=True)
class _Upgrading:
    crew: Crew

    def check(self, held: Operation) -> Done:
        instance = self._wanted(held)
        with self.crew.works.read() as work:
            version = self.crew.launcher.version_of(work, instance)
        release = version.release
        place = Place(instance.target, instance.region, instance.environment)
        problems = rules.gate(
            release.label,
            _status(held, release.status),
            release.package_digest,
            version.manifest,
            place,
        )
        if problems:
            raise rules.refusal(problems)
        for path in instance.secrets.values():
            self.crew.secrets.read(path)
        return Done(f"{release.label} is {release.status}, {release.digest[:19]}…")

    def prepare(self, held: Operation) -> Done:
        return self.crew.prepare_for(self._wanted(held))

    def switch(self, held: Operation) -> Done:
        wanted = self._wanted(held)
        return Done(
            f"generation {held.generation + 1} is {wanted.version}",
            lambda work: _exchange(work, held, held.generation),
        )

    def switch_back(self, held: Operation) -> Done:
        return Done(
            "version and settings are as before",
            lambda work: _exchange(work, held, held.generation + 1),
        )

    def _wanted(self, held: Operation) -> Instance:
        instance = self.crew.instance(held)
        if instance.wanted is None:
            raise AssertionError(f"{held.id} does not say what {held.label} should become")
        return instance.with_setup(instance.wanted)


def _status(held: Operation, status: Status) -> Status:
    """Going back is allowed to what was approved once and is deprecated by now."""
    is_back = held.kind == ROLLBACK and status is Status.DEPRECATED
    return Status.APPROVED if is_back else status


def _exchange(work: Work, held: Operation, generation: int) -> None:
    """Let an instance run what is wanted, and remember what it ran, if it is at `generation`.

    It is not when this was done already, or when there is nothing to undo.
    """
    now = required(work, held)
    if now.generation != generation or now.wanted is None:
        return
    changed = replace(now.with_setup(now.wanted), generation=generation + 1, wanted=now.setup)
    change.store_setup(work, now, changed)


def _finish(work: Work, held: Operation, state: State) -> None:
    now = required(work, held)
    connector = now.connector.at(now.version)
    if state is State.SUCCEEDED:
        changed = replace(now, former=now.wanted, wanted=None)
        change.store_setup(work, now, changed)
        history.note(work, held, changed)
        store.set_state(work, held.resource, InstanceState.RUNNING)
        kind = InstanceRolledBack if held.kind == ROLLBACK else InstanceUpgraded
        work.emit(kind(held.label, held.team, held.resource, connector, now.digest))
        return
    if state is State.FAILED:
        store.set_state(work, held.resource, InstanceState.FAILED)
    if state is State.UNDONE:  # it runs, or is suspended, as before
        change.store_setup(work, now, replace(now, wanted=None, tried=now.wanted))
        work.emit(UpgradeUndone(held.label, held.team, held.resource, connector))
