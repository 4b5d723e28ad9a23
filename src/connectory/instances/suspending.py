"""Suspending what runs a quarantined version: no process, no credentials, until it is lifted.

What should be so is read from the tables at each turn, not from what happened: a server that
died in between, or an operation that was at work, only makes it a turn later.
"""

import contextlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectory.access import read as access
from connectory.access.rules import Role
from connectory.backends.targets import Phase
from connectory.catalog import read as catalog
from connectory.instances import again, keys, quarantine_store, store
from connectory.instances.change import SUSPEND, wish
from connectory.instances.crew import Crew, required
from connectory.instances.rules import InstanceState
from connectory.instances.store import Instance
from connectory.kernel.errors import ConnectoryError
from connectory.operations import read as operations
from connectory.operations.begin import begin
from connectory.operations.read import OperationRow
from connectory.operations.rules import (
    Done,
    Operation,
    OperationRunningError,
    Recipe,
    Recipes,
    State,
    Step,
)
from connectory.work import Event, Origin, Work

LOG = logging.getLogger("connectory.quarantine")
PAUSE = timedelta(seconds=5)  # after a try that failed
GONE = frozenset({Phase.ABSENT, Phase.STOPPED})


@dataclass(frozen=True, slots=True)
class InstanceSuspended(Event):
    """An instance was stopped because its version is quarantined; its credentials are revoked.

    `owners` are those of its team, who decide what comes next.
    """

    instance: str
    connector: str
    owners: list[str]


def recipes(crew: Crew) -> Recipes:
    """Return how to suspend an instance."""
    steps = _Suspending(crew)
    recipe = Recipe(
        steps=(
            Step("stop", "End the process at once", steps.stop),
            Step("revoke", "Revoke its credentials", steps.revoke),
        ),
        finish=_finish,
        again=again.as_it_is,
        undoes=False,
    )
    return {SUSPEND: recipe}


@dataclass(frozen=True, slots=True)
class _Suspending:
    crew: Crew

    def stop(self, held: Operation) -> Done:
        instance = self.crew.instance(held)
        self.crew.target(instance).stop(instance.id, at_once=True)
        return Done("ended; its files and log are kept")

    def revoke(self, held: Operation) -> Done:
        return keys.revoke(self.crew.secrets, self.crew.instance(held))


def _finish(work: Work, held: Operation, state: State) -> None:
    if state is not State.SUCCEEDED:
        store.set_state(work, held.resource, InstanceState.FAILED)
        return
    now = required(work, held)
    connector = now.connector.at(now.version)
    work.emit(
        InstanceSuspended(held.label, held.team, now.id, connector, owners(work, now.team))
    )


def owners(work: Work, team: str) -> list[str]:
    """Return the accounts that own a team."""
    found = access.team(work, team)
    return [one.account for one in found.members if one.role is Role.OWNER] if found else []


@dataclass(frozen=True, slots=True)
class Warden:
    """Lets no instance run a quarantined version."""

    crew: Crew
    recipes: Recipes

    def turn(self) -> None:
        """Begin to suspend what is not; end the processes of what others are changing."""
        with self.crew.works.read() as work:
            held = {one.digest: one for one in catalog.held(work)}
            found = quarantine_store.with_digests(work, held)
            busy = operations.active_among(work, [one.id for one in found])
        for one in found:
            if one.id in busy:
                self._end_process(one)
                continue
            release = held[one.digest]
            origin = Origin(release.status_by, f"quarantine of {release.label}")
            with self.crew.works.write(origin) as work:
                self._suspend(work, one)

    def _suspend(self, work: Work, seen: Instance) -> None:
        now = store.locked(work, seen.id)
        is_same = now.digest == seen.digest and now.state is seen.state
        if not is_same or not catalog.is_held(work, seen.digest):
            return
        last = operations.last_on(work, [now.id]).get(now.id)
        if last is not None and _is_recent(last, work.now):
            return
        with contextlib.suppress(OperationRunningError):
            begin(work, wish(SUSPEND, now), self.recipes[SUSPEND])
            store.set_state(work, now.id, InstanceState.SUSPENDED)

    def _end_process(self, one: Instance) -> None:
        """End the process while an operation is at work, which starts no other one."""
        target = self.crew.target(one)
        try:
            if target.observe(one.id).phase not in GONE:
                target.stop(one.id, at_once=True)
        except ConnectoryError as failure:
            LOG.warning("%s: %s", one.label, failure.message, extra={"instance": one.id})


def _is_recent(last: OperationRow, now: datetime) -> bool:
    """Whether a suspension has just failed; then the next one waits."""
    has_failed = last.kind == SUSPEND and last.state is State.FAILED
    return has_failed and last.ended_at is not None and now - last.ended_at < PAUSE
