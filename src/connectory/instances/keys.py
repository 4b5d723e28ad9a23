"""The credentials of an instance: its hook key and its service account, revoked and renewed."""

from collections.abc import Callable

from connectory.access.credentials import new_key
from connectory.backends.secrets import SecretMissingError, Secrets
from connectory.instances import hook_store, hooks, store
from connectory.instances.rules import (
    InstanceState,
    coming_key_path,
    hook_key_path,
    service_account,
)
from connectory.instances.store import Instance
from connectory.kernel.secret import Secret
from connectory.operations.rules import Done
from connectory.work import Work, Works


def revoke(secrets: Secrets, instance: Instance) -> Done:
    """Delete the keys of an instance and end its service account.

    Its address still knows the old key, and answers it that the instance is suspended.
    """
    secrets.delete(hook_key_path(instance.id))
    secrets.delete(coming_key_path(instance.id))
    return Done(
        "hook key deleted, service account ended",
        lambda work: store.delete_service_account(work, instance.id),
    )


def renewed(
    works: Works, secrets: Secrets, instance: Instance, by: str
) -> Callable[[Work], None] | None:
    """Make other credentials for a suspended instance; return what records them.

    Twice is like once, also when only the first half of it happened.
    """
    if instance.state is not InstanceState.SUSPENDED:
        return None
    path = hook_key_path(instance.id)
    try:
        key = secrets.read(path)
    except SecretMissingError:
        key = Secret(new_key())
        with works.read() as work:
            now = work.now
        secrets.put(path, key, by=by, at=now)

    def record(work: Work) -> None:
        hook_store.set_hook(work, instance, hooks.mark_of(key))
        account = service_account(instance.team, instance.name)
        store.set_service_account(work, instance.id, account)

    return record
