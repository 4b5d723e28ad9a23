"""Other settings for an operation that was undone, before it is tried again."""

from dataclasses import dataclass, replace

from connectory.access.rules import Actor
from connectory.instances import store
from connectory.instances.change import INSTALL, UPGRADE
from connectory.instances.plan import Surroundings
from connectory.instances.upgrade import Request, amended
from connectory.operations.read import OperationRow
from connectory.operations.rules import NotRetryableError, State
from connectory.operations.steer import Changes
from connectory.work import Work


@dataclass(frozen=True, slots=True)
class Amender:
    """Changes what an undone install or upgrade leads to."""

    around: Surroundings

    def amend(self, work: Work, one: OperationRow, changes: Changes, actor: Actor) -> None:
        """Let it lead to other settings.

        Raises:
            NotRetryableError: If it has no settings, or is not undone to its end.
            PlanBlockedError, PlanIncompleteError: If it could not run with them.
        """
        if one.kind not in {INSTALL, UPGRADE}:
            raise NotRetryableError(one.id, f"a {one.kind} has no settings")
        if one.state is State.FAILED:
            raise NotRetryableError(one.id, "settings change once it is undone to its end")
        instance = store.locked(work, one.resource)
        base = instance.tried if one.kind == UPGRADE else instance.setup
        if base is None:
            raise NotRetryableError(one.id, "the instance has changed since")
        request = Request(
            instance.team, instance.name, base.version, changes.inputs, changes.secrets
        )
        setup = amended(work, instance.with_setup(base), request, actor, self.around)
        is_upgrade = one.kind == UPGRADE
        changed = replace(instance, tried=setup) if is_upgrade else instance.with_setup(setup)
        store.change_setup(work, changed)
