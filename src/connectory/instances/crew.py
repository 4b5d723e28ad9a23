"""What the steps of all operations on instances work with, and the steps that many share."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar, Protocol

from connectory.backends.secrets import Secrets
from connectory.backends.targets import InstanceUnreachableError, Target
from connectory.catalog import read as catalog
from connectory.instances import keys, store
from connectory.instances.change import require_free
from connectory.instances.launch import Launcher
from connectory.instances.rules import InstanceState
from connectory.instances.store import Instance
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.operations.rules import Done, Operation
from connectory.work import Work, Works

POLL_S = 0.1


class NotHealthyError(ConnectoryError):
    """A connector was started and did not answer its health check in time."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "not-healthy"

    def __init__(self, label: str, seconds: int, reason: str) -> None:
        super().__init__(
            f"{label} was not healthy within {seconds} s: {reason}",
            hint="mend the setting or secret that it names, then try again",
        )


class Attached(Protocol):
    """What a slice above keeps of instances, and gives up when they end."""

    def waiting(self, work: Work, instance_id: str) -> str:
        """Say in words what will not happen any more, `2 events`; nothing is an empty text."""
        ...

    def forget(self, work: Work, instance_id: str) -> None:
        """Delete everything of an instance, in the transaction that ends it."""
        ...


@dataclass(frozen=True, slots=True)
class Crew:
    """What the steps work with. Its own steps are idempotent like all others."""

    works: Works
    secrets: Secrets
    targets: Mapping[str, Target]
    launcher: Launcher
    health_seconds: int
    attached: tuple[Attached, ...] = ()

    def instance(self, held: Operation) -> Instance:
        """Return the instance that an operation works on, as it is now."""
        with self.works.read() as work:
            return required(work, held)

    def target(self, instance: Instance) -> Target:
        """Return where an instance runs."""
        return self.targets[instance.target]

    def prepare(self, held: Operation) -> Done:
        """Build the environment of the instance's package."""
        return self.prepare_for(self.instance(held))

    def prepare_for(self, instance: Instance) -> Done:
        """Build the environment of a package before its instance is there."""
        with self.launcher.for_building(instance) as spec:
            self.target(instance).prepare(spec)
        return Done(f"package {instance.package_digest[:19]}…")

    def start(self, held: Operation) -> Done:
        """Start the instance's present generation, or adopt it if it runs.

        Raises:
            VersionQuarantinedError: If its version is quarantined.
        """
        instance = self.instance(held)
        self._require_free(instance)
        renewed = keys.renewed(self.works, self.secrets, instance, held.by)
        target = self.target(instance)
        with self.launcher.for_running(instance) as spec:
            target.prepare(spec)  # the collector may have been faster than this operation
            target.apply(spec)
        return Done(f"on {instance.target}", renewed)

    def start_again(self, held: Operation) -> Done:
        """Start what ran before the operation, once it has been switched back."""
        instance = self.instance(held)
        if instance.generation == held.generation:
            return Done("it was not stopped")
        if self._is_suspended(instance):
            return self.stop(held)
        self.start(held)
        try:
            done = self.wait_until_healthy(held)
        except NotHealthyError as failure:  # it was not this operation that made it unwell
            return Done(f"started, but {failure.message}")
        return Done(f"runs as before, {done.detail}")

    def stop(self, held: Operation) -> Done:
        """Stop the process and keep its files and log."""
        instance = self.instance(held)
        self.target(instance).stop(instance.id)
        return Done("stopped; its files and log are kept")

    def wait_until_healthy(self, held: Operation) -> Done:
        """Ask the connector until it says that it is well.

        Raises:
            NotHealthyError: If it does not within `health_seconds`.
            VersionQuarantinedError: If its version is quarantined meanwhile.
        """
        instance = self.instance(held)
        target = self.target(instance)
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
            self._require_free(instance)
            time.sleep(POLL_S)
        raise NotHealthyError(instance.label, self.health_seconds, self._why(instance, reason))

    def _require_free(self, instance: Instance) -> None:
        with self.works.read() as work:
            require_free(work, instance, instance.setup)

    def _is_suspended(self, instance: Instance) -> bool:
        with self.works.read() as work:
            is_held = catalog.is_held(work, instance.digest)
        return is_held or instance.state is InstanceState.SUSPENDED

    def _why(self, instance: Instance, reason: str) -> str:
        """Prefer the connector's own last words over "does not answer"."""
        lines = self.target(instance).logs(instance.id, after=-20)
        errors = [line.message for line in lines if line.level in {"error", "warn"}]
        return errors[-1] if errors else reason


def required(work: Work, held: Operation) -> Instance:
    """Return the instance that an operation works on, inside a transaction."""
    instance = store.by_id(work, held.resource)
    if instance is None:
        raise AssertionError(f"{held.id} works on {held.resource}, which does not exist")
    return instance
