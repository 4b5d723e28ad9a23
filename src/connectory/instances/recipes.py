"""The steps of install, remove and recover, each idempotent, each with its undoing.

What only concerns tables is left to the step's record, so that it is journaled and done in one
transaction. What concerns the target or the secret store happens in the step itself and may
happen twice.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from connectory.access.credentials import new_key
from connectory.backends.targets import InstanceUnreachableError, Phase
from connectory.catalog.rules import Status
from connectory.instances import (
    again,
    health_store,
    history,
    hook_store,
    hooks,
    pausing,
    reversing,
    rotating,
    rules,
    store,
    suspending,
    upgrading,
)
from connectory.instances.change import INSTALL, RECOVER, REMOVE
from connectory.instances.crew import Crew, required
from connectory.instances.rules import (
    InstanceState,
    Place,
    coming_key_path,
    hook_key_path,
    service_account,
)
from connectory.instances.store import Instance
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.secret import Secret
from connectory.operations.rules import Done, Operation, Recipe, Recipes, State, Step
from connectory.packages import pins
from connectory.work import Event, Work


@dataclass(frozen=True, slots=True)
class InstanceInstalled(Event):
    """An instance runs and was seen healthy."""

    instance: str
    connector: str
    digest: str


@dataclass(frozen=True, slots=True)
class InstallUndone(Event):
    """An install failed and everything that it had created is gone."""

    instance: str
    connector: str


@dataclass(frozen=True, slots=True)
class InstanceRemoved(Event):
    """An instance is gone; nothing of it is left but what its manifest said would be."""

    instance: str
    connector: str


@dataclass(frozen=True, slots=True)
class InstanceRecovered(Event):
    """An instance that was not there any more (after a reboot, say) runs again."""

    instance: str


class NotGoneError(ConnectoryError):
    """Something of a removed instance is still there."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "not-gone"

    def __init__(self, label: str, phase: str) -> None:
        super().__init__(
            f"{label} is still {phase} after its removal",
            hint=f"remove it again: `connectory uninstall {label}`",
        )


def all_recipes(crew: Crew) -> Recipes:
    """Return how each kind of operation on instances works."""
    return {
        **_Installing(crew).recipes(),
        **pausing.recipes(crew),
        **upgrading.recipes(crew),
        **rotating.recipes(crew),
        **suspending.recipes(crew),
    }


@dataclass(frozen=True, slots=True)
class _Installing:
    """Install, remove, and recover an instance that its target lost."""

    crew: Crew

    def recipes(self) -> Recipes:
        return {INSTALL: self._install(), REMOVE: self._remove(), RECOVER: self._recover()}

    def _install(self) -> Recipe:
        crew = self.crew
        return Recipe(
            steps=(
                Step("check", "Check status, policy and secrets", self._check),
                Step(
                    "account",
                    "Create the service account",
                    self._open_account,
                    self._end_account,
                ),
                Step("secrets", "Bind secrets", self._bind, self._unbind),
                Step("environment", "Build the environment", crew.prepare),
                Step("route", "Open the hook address", self._open_route, self._close_route),
                Step("start", "Start the process", crew.start, self._take_away),
                Step("verify", "Wait until it is healthy", crew.wait_until_healthy),
            ),
            finish=self._finish_install,
            again=again.install,
            reverse=reversing.install,
        )

    def _remove(self) -> Recipe:
        return Recipe(
            steps=(
                Step("unsubscribe", "Let the connector sign off", self._sign_off),
                Step("route", "Close the hook address", self._close_route),
                Step("stop", "Stop the process and delete its files", self._take_away),
                Step("secrets", "Unbind secrets", self._unbind),
                Step("account", "End the service account", self._end_account),
                Step("verify", "See that nothing is left", self._see_it_gone),
            ),
            finish=self._finish_remove,
            again=again.remove,
            undoes=False,
            reverse=reversing.remove,
        )

    def _recover(self) -> Recipe:
        crew = self.crew
        return Recipe(
            steps=(
                Step("environment", "Build the environment", crew.prepare),
                Step("start", "Start the process", crew.start),
                Step("verify", "Wait until it is healthy", crew.wait_until_healthy),
            ),
            finish=self._finish_recover,
            again=again.as_it_is,
            undoes=False,
        )

    def _check(self, held: Operation) -> Done:
        instance = self.crew.instance(held)
        with self.crew.works.read() as work:
            version = self.crew.launcher.version_of(work, instance)
        release = version.release
        place = Place(instance.target, instance.region, instance.environment)
        problems = rules.gate(
            release.label, release.status, release.package_digest, version.manifest, place
        )
        if problems:
            raise rules.refusal(problems)
        for path in instance.secrets.values():
            self.crew.secrets.read(path)
        return Done(f"{release.label} is {Status.APPROVED}, {release.digest[:19]}…")

    def _open_account(self, held: Operation) -> Done:
        instance = self.crew.instance(held)
        name = service_account(instance.team, instance.name)
        return Done(name, lambda work: store.set_service_account(work, instance.id, name))

    def _end_account(self, held: Operation) -> Done:
        return Done("ended", lambda work: store.delete_service_account(work, held.resource))

    def _bind(self, held: Operation) -> Done:
        instance = self.crew.instance(held)
        with self.crew.works.read() as work:
            now = work.now
        path = hook_key_path(instance.id)
        self.crew.secrets.put(path, Secret(new_key()), by=held.by, at=now)
        return Done(f"{len(instance.secrets)} of the team, 1 hook key")

    def _unbind(self, held: Operation) -> Done:
        self.crew.secrets.delete(hook_key_path(held.resource))
        self.crew.secrets.delete(coming_key_path(held.resource))
        return Done("hook key deleted")

    def _open_route(self, held: Operation) -> Done:
        instance = self.crew.instance(held)
        mark = hooks.mark_of(self.crew.secrets.read(hook_key_path(instance.id)))
        return Done(
            f"/hooks/{instance.label}", lambda work: hook_store.set_hook(work, instance, mark)
        )

    def _close_route(self, held: Operation) -> Done:
        with self.crew.works.read() as work:
            said = [one.waiting(work, held.resource) for one in self.crew.attached]
        waiting = " and ".join(filter(None, said))
        return Done(
            f"closed; what waited is given up: {waiting}" if waiting else "closed",
            lambda work: hook_store.delete_hook(work, held.resource),
        )

    def _take_away(self, held: Operation) -> Done:
        instance = self.crew.instance(held)
        self.crew.target(instance).remove(instance.id)
        return Done("process and files deleted")

    def _sign_off(self, held: Operation) -> Done:
        instance = self.crew.instance(held)
        try:
            answer = self.crew.target(instance).call(instance.id, "POST", "/lifecycle/remove")
        except InstanceUnreachableError as silence:
            return Done(f"skipped: {silence.message}")
        return Done(
            "done" if answer.status < HTTPStatus.BAD_REQUEST else "it refused; going on"
        )

    def _see_it_gone(self, held: Operation) -> Done:
        instance = self.crew.instance(held)
        target = self.crew.target(instance)
        seen = target.observe(instance.id)
        if seen.phase is not Phase.ABSENT:
            raise NotGoneError(instance.label, seen.phase)
        with self.crew.works.read() as work:
            others = store.package_digests(work, without=instance.id)
        target.collect(others)
        return Done("nothing is left")

    def _finish_install(self, work: Work, held: Operation, state: State) -> None:
        instance = required(work, held)
        connector = instance.connector.at(instance.version)
        if state is State.SUCCEEDED:
            store.set_state(work, instance.id, InstanceState.RUNNING)
            history.note(work, held, instance)
            work.emit(
                InstanceInstalled(
                    subject=instance.label,
                    team=instance.team,
                    instance=instance.id,
                    connector=connector,
                    digest=instance.digest,
                )
            )
        elif state is State.UNDONE:
            self._let_go(work, instance)
            work.emit(
                InstallUndone(
                    subject=instance.label,
                    team=instance.team,
                    instance=instance.id,
                    connector=connector,
                )
            )
        else:
            store.set_state(work, instance.id, InstanceState.FAILED)

    def _finish_remove(self, work: Work, held: Operation, state: State) -> None:
        instance = required(work, held)
        if state is not State.SUCCEEDED:
            store.set_state(work, instance.id, InstanceState.FAILED)
            return
        self._let_go(work, instance)
        work.emit(
            InstanceRemoved(
                subject=instance.label,
                team=instance.team,
                instance=instance.id,
                connector=instance.connector.at(instance.version),
            )
        )

    def _finish_recover(self, work: Work, held: Operation, state: State) -> None:
        if state is State.SUCCEEDED:
            work.emit(InstanceRecovered(held.label, held.team, held.resource))

    def _let_go(self, work: Work, instance: Instance) -> None:
        for one in self.crew.attached:
            one.forget(work, instance.id)
        store.set_state(work, instance.id, InstanceState.REMOVED)
        health_store.forget(work, instance.id)
        for digest in instance.packages:
            pins.unpin(work, digest, holder_kind="instance", holder=instance.id)
