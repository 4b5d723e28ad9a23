"""Which instances run a version that is not the newest approved one."""

from collections.abc import Iterable
from dataclasses import replace

from connectory.catalog import read as catalog
from connectory.catalog.rules import precedence
from connectory.instances import store
from connectory.instances.store import Instance, Wanted
from connectory.work import Work

BATCH = 200


def newer(work: Work, instances: Iterable[Instance]) -> dict[str, str]:
    """Return the newest approved version for each instance, by id, where it is newer."""
    seen = list(instances)
    newest = catalog.newest_approved(work, [one.connector for one in seen])
    return {
        one.id: newest[one.connector]
        for one in seen
        if one.connector in newest
        and precedence(newest[one.connector]) > precedence(one.version)
    }


def outdated(work: Work, wanted: Wanted) -> list[Instance]:
    """Return the first `wanted.limit` live instances for which there is a newer version."""
    found: list[Instance] = []
    step = replace(wanted, limit=BATCH)
    while len(found) < wanted.limit and (batch := store.instances(work, step)):
        old = newer(work, batch)
        found += [one for one in batch if one.id in old]
        step = replace(step, after=(batch[-1].team, batch[-1].name))
    return found[: wanted.limit]
