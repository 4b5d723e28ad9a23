"""What an instance ran over time: each version and its settings, since when, by whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connectory.instances import history_store
from connectory.instances.history_store import Past
from connectory.instances.store import Instance
from connectory.manifest.diff import Change, diff
from connectory.operations.rules import Operation
from connectory.work import Work

MOST = 50  # entries that are shown


@dataclass(frozen=True, slots=True)
class Entry:
    """One setup of an instance, and how its settings differ from those before it."""

    generation: int
    kind: str  # of the operation that led to it
    version: str
    digest: str
    by: str
    at: datetime
    changes: tuple[Change, ...]


def note(work: Work, held: Operation, instance: Instance) -> None:
    """Remember that an instance runs what it runs since now."""
    past = Past(instance.generation, held.kind, instance.setup, held.by, work.now)
    history_store.add(work, instance.id, past)


def of(work: Work, instance: Instance) -> tuple[Entry, ...]:
    """Return what an instance ran, newest first."""
    found = history_store.of(work, instance.id, limit=MOST + 1)
    pairs = zip(found, [*found[1:], None], strict=False)  # none for one that never ran
    return tuple(_entry(one, before) for one, before in pairs)[:MOST]


def differences(
    old: Mapping[str, tuple[object, str]], new: Mapping[str, tuple[object, str]]
) -> tuple[Change, ...]:
    """Return how the values of settings differ."""
    return diff(
        {name: value for name, (value, _) in old.items()},
        {name: value for name, (value, _) in new.items()},
    )


def _entry(one: Past, before: Past | None) -> Entry:
    return Entry(
        generation=one.generation,
        kind=one.kind,
        version=one.setup.version,
        digest=one.setup.digest,
        by=one.by,
        at=one.at,
        changes=differences(before.setup.settings, one.setup.settings) if before else (),
    )
