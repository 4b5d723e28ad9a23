"""The addresses that the outside calls: /hooks/{team}/{instance}/..."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from connectory.access.credentials import fingerprint
from connectory.catalog import read as catalog
from connectory.instances import hook_store, store
from connectory.instances.rules import InstanceState, InstanceSuspendedError
from connectory.instances.store import Instance
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.secret import Secret
from connectory.manifest.model import Manifest
from connectory.work import Event, Work


@dataclass(frozen=True, slots=True)
class HookKeyShown(Event):
    """Somebody was shown the hook addresses of an instance with their key."""

    instance: str


class HookMissingError(ConnectoryError):
    """There is no hook at this address, or the key is not its key."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "hook-missing"

    def __init__(self) -> None:
        super().__init__(
            "there is no hook at this address with this key",
            hint="copy the address from the instance's page; the key is part of it",
        )


def paths(manifest: Manifest) -> tuple[str, ...]:
    """Return the paths of a connector that the outside may call."""
    return tuple(t.path for t in manifest.triggers if t.type == "webhook" and t.path)


def with_key(
    work: Work, instance: Instance, addresses: Iterable[str], key: Secret
) -> tuple[str, ...]:
    """Return hook addresses with their key, for whoever sets up the caller; it is recorded."""
    work.emit(HookKeyShown(instance.label, instance.team, instance.id))
    return tuple(f"{address}?key={key.reveal()}" for address in addresses)


def mark_of(key: Secret) -> str:
    """Return the fingerprint that is kept of a hook key."""
    return fingerprint(key.reveal())


def behind(work: Work, team: str, name: str, key: str) -> Instance:
    """Return the instance behind a hook address.

    Raises:
        HookMissingError: If there is none, or the key is wrong; one answer for both, so that
            nobody learns which instances exist.
        InstanceSuspendedError: If its version is quarantined, or it waits to be resumed.
    """
    found = hook_store.hook(work, team, name)
    keys = (found.fingerprint, found.coming or "") if found else ("", "")
    given = fingerprint(key)
    fits = [hmac.compare_digest(given, one) for one in keys]  # all of them, so none is timed
    if found is None or not any(fits):
        raise HookMissingError
    instance = store.by_id(work, found.instance)
    if instance is None:
        raise HookMissingError
    if instance.state is InstanceState.SUSPENDED or catalog.is_held(work, instance.digest):
        raise InstanceSuspendedError(instance.label)
    return instance
