"""The steps of install and remove, each idempotent, each with its undoing.

What only concerns tables is left to the step's record, so that it is journaled and done in one
transaction. What concerns the target or the secret store happens in the step itself and may
happen twice.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from connectory.access.credentials import fingerprint, new_key
from connectory.backends.secrets import Secrets
from connectory.backends.targets import InstanceUnreachableError, Phase, Target
from connectory.catalog.rules import Status
from connectory.instances import rules, store
from connectory.instances.change import INSTALL, RECOVER, REMOVE
from connectory.instances.launch import Launcher
from connectory.instances.rules import (
    InstanceState,
    Place,
    hook_key_path,
    service_account,
)
from connectory.instances.store import Instance
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.secret import Secret
from connectory.operations.rules import Done, Operation, Recipe, Recipes, State, Step
from connectory.packages import pins
from connectory.work import Event, Work, Works

POLL_S = 0.1


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


class NotHealthyError(ConnectoryError):
    """A connector was started and did not answer its health check in time."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "not-healthy"

    def __init__(self, label: str, seconds: int, reason: str) -> None:
        super().__init__(
            f"{label} was not healthy within {seconds} s: {reason}",
            hint="mend the setting or secret that it names, then install again",
        )


class NotGoneError(ConnectoryError):
    """Something of a removed instance is still there."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "not-gone"

    def __init__(self, label: str, phase: str) -> None:
        super().__init__(
            f"{label} is still {phase} after its removal",
            hint=f"remove it again: `connectory uninstall {label}`",
        )


@dataclass(frozen=True, slots=True)
class Crew:
    """What the steps work with."""

    works: Works
    secrets: Secrets
    targets: Mapping[str, Target]
    launcher: Launcher
    health_seconds: int

    def recipes(self) -> Recipes:
        """Return how to install, remove, and recover an instance that its target lost."""
        install = Recipe(
            steps=(
                Step("check", "Check status, policy and secrets", self._check),
                Step(
                    "account",
                    "Create the service account",
                    self._open_account,
                    self._end_account,
                ),
                Step("secrets", "Bind secrets", self._bind, self._unbind),
                Step("environment", "Build the environment", self._prepare),
                Step("route", "Open the hook address", self._open_route, self._close_route),
                Step("start", "Start the process", self._start, self._take_away),
                Step("verify", "Wait until it is healthy", self._wait_until_healthy),
            ),
            finish=self._finish_install,
        )
        remove = Recipe(
            steps=(
                Step("unsubscribe", "Let the connector sign off", self._sign_off),
                Step("route", "Close the hook address", self._close_route),
                Step("stop", "Stop the process and delete its files", self._take_away),
                Step("secrets", "Unbind secrets", self._unbind),
                Step("account", "End the service account", self._end_account),
                Step("verify", "See that nothing is left", self._see_it_gone),
            ),
            finish=self._finish_remove,
            undoes=False,
        )
        recover = Recipe(
            steps=(
                Step("environment", "Build the environment", self._prepare),
                Step("start", "Start the process", self._start),
                Step("verify", "Wait until it is healthy", self._wait_until_healthy),
            ),
            finish=self._finish_recover,
            undoes=False,
        )
        return {INSTALL: install, REMOVE: remove, RECOVER: recover}

    def _check(self, held: Operation) -> Done:
        instance = self._instance(held)
        with self.works.read() as work:
            version = self.launcher.version_of(work, instance)
        release = version.release
        place = Place(instance.target, instance.region, instance.environment)
        problems = rules.gate(
            release.label, release.status, release.package_digest, version.manifest, place
        )
        if problems:
            raise rules.refusal(problems)
        for path in instance.secrets.values():
            self.secrets.read(path)
        return Done(f"{release.label} is {Status.APPROVED}, {release.digest[:19]}…")

    def _open_account(self, held: Operation) -> Done:
        instance = self._instance(held)
        name = service_account(instance.team, instance.name)
        return Done(name, lambda work: store.set_service_account(work, instance.id, name))

    def _end_account(self, held: Operation) -> Done:
        return Done("ended", lambda work: store.delete_service_account(work, held.resource))

    def _bind(self, held: Operation) -> Done:
        instance = self._instance(held)
        with self.works.read() as work:
            now = work.now
        path = hook_key_path(instance.id)
        self.secrets.put(path, Secret(new_key()), by=held.by, at=now)
        return Done(f"{len(instance.secrets)} of the team, 1 hook key")

    def _unbind(self, held: Operation) -> Done:
        self.secrets.delete(hook_key_path(held.resource))
        return Done("hook key deleted")

    def _prepare(self, held: Operation) -> Done:
        instance = self._instance(held)
        with self.launcher.for_building(instance) as spec:
            self._target(instance).prepare(spec)
        return Done(f"package {instance.package_digest[:19]}…")

    def _open_route(self, held: Operation) -> Done:
        instance = self._instance(held)
        mark = fingerprint(self.secrets.read(hook_key_path(instance.id)).reveal())
        return Done(
            f"/hooks/{instance.label}", lambda work: store.set_hook(work, instance, mark)
        )

    def _close_route(self, held: Operation) -> Done:
        return Done("closed", lambda work: store.delete_hook(work, held.resource))

    def _start(self, held: Operation) -> Done:
        instance = self._instance(held)
        target = self._target(instance)
        with self.launcher.for_running(instance) as spec:
            target.prepare(spec)  # the collector may have been faster than this operation
            target.apply(spec)
        return Done(f"on {instance.target}")

    def _take_away(self, held: Operation) -> Done:
        instance = self._instance(held)
        self._target(instance).remove(instance.id)
        return Done("process and files deleted")

    def _wait_until_healthy(self, held: Operation) -> Done:
        instance = self._instance(held)
        target = self._target(instance)
        began = time.monotonic()
        reason = "it did not answer"
        while (waited := time.monotonic() - began) < self.health_seconds:
            try:
                answer = target.call(instance.id, "GET", "/healthz")
            except InstanceUnreachableError as silence:
                reason = silence.message
            else:
                if answer.status == HTTPStatus.OK:
                    return Done(f"healthy after {waited:.1f} s")
                reason = answer.body[:200].decode("utf-8", "replace")
            time.sleep(POLL_S)
        raise NotHealthyError(instance.label, self.health_seconds, self._why(instance, reason))

    def _why(self, instance: Instance, reason: str) -> str:
        """Prefer the connector's own last words over "does not answer"."""
        lines = self._target(instance).logs(instance.id, after=-20)
        errors = [line.message for line in lines if line.level in {"error", "warn"}]
        return errors[-1] if errors else reason

    def _sign_off(self, held: Operation) -> Done:
        instance = self._instance(held)
        try:
            answer = self._target(instance).call(instance.id, "POST", "/lifecycle/remove")
        except InstanceUnreachableError as silence:
            return Done(f"skipped: {silence.message}")
        return Done(
            "done" if answer.status < HTTPStatus.BAD_REQUEST else "it refused; going on"
        )

    def _see_it_gone(self, held: Operation) -> Done:
        instance = self._instance(held)
        target = self._target(instance)
        seen = target.observe(instance.id)
        if seen.phase is not Phase.ABSENT:
            raise NotGoneError(instance.label, seen.phase)
        with self.works.read() as work:
            others = store.package_digests(work, without=instance.id)
        target.collect(others)
        return Done("nothing is left")

    def _finish_install(self, work: Work, held: Operation, state: State) -> None:
        instance = _required(store.by_id(work, held.resource), held)
        connector = instance.connector.at(instance.version)
        if state is State.SUCCEEDED:
            store.set_state(work, instance.id, InstanceState.RUNNING)
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
        instance = _required(store.by_id(work, held.resource), held)
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
        store.set_state(work, instance.id, InstanceState.REMOVED)
        pins.unpin(work, instance.package_digest, holder_kind="instance", holder=instance.id)

    def _instance(self, held: Operation) -> Instance:
        with self.works.read() as work:
            return _required(store.by_id(work, held.resource), held)

    def _target(self, instance: Instance) -> Target:
        return self.targets[instance.target]


def _required(instance: Instance | None, held: Operation) -> Instance:
    if instance is None:
        raise AssertionError(f"{held.id} works on {held.resource}, which does not exist")
    return instance
