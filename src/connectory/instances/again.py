"""Trying an operation on an instance again: what has to be as it was when it began."""

from dataclasses import replace

from connectory.instances import change, store
from connectory.instances.rules import InstanceExistsError, InstanceState
from connectory.instances.store import Instance
from connectory.operations.read import OperationRow
from connectory.operations.rules import NotRetryableError, State
from connectory.work import Work


def as_it_is(work: Work, one: OperationRow) -> int:
    """Go on with an instance that is there; pause, resume, restart and recover need no more.

    Raises:
        NotRetryableError: If it was removed.
    """
    return _there(work, one).generation


def install(work: Work, one: OperationRow) -> int:
    """Give the name back to an instance whose install was undone.

    Raises:
        InstanceExistsError: If the name belongs to another one by now.
    """
    instance = store.locked(work, one.resource)
    if one.state is not State.FAILED:
        change.hold_packages(work, instance, instance.packages)
    if not store.revive(work, instance.id, InstanceState.INSTALLING):
        raise InstanceExistsError(instance.label, "another instance")
    return instance.generation


def remove(work: Work, one: OperationRow) -> int:
    """Go on with a removal.

    Raises:
        NotRetryableError: If the instance is gone.
    """
    instance = _there(work, one)
    store.set_state(work, instance.id, InstanceState.REMOVING)
    return instance.generation


def upgrade(work: Work, one: OperationRow) -> int:
    """Begin an upgrade anew; what it should lead to was kept.

    Raises:
        NotRetryableError: If it was not, or the instance was removed.
    """
    instance = _there(work, one)
    if instance.wanted is None:
        if instance.tried is None:
            raise NotRetryableError(one.id, "the instance has changed since")
        wanted = replace(instance, wanted=instance.tried, tried=None)
        change.store_setup(work, instance, wanted)
    return instance.generation


def _there(work: Work, one: OperationRow) -> Instance:
    instance = store.locked(work, one.resource)
    if instance.state is InstanceState.REMOVED:
        raise NotRetryableError(one.id, f"{one.label} is gone")
    return instance
