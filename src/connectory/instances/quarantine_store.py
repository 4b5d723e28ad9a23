"""The queries on instances that a quarantine needs."""

from collections.abc import Collection

from sqlalchemy import select

from connectory.instances.rules import InstanceState
from connectory.instances.store import INSTANCES, IS_LIVE, Instance, instance_of
from connectory.work import Work


def with_digests(work: Work, digests: Collection[str]) -> list[Instance]:
    """Return the live instances of some versions that are not suspended."""
    if not digests:
        return []
    query = select(INSTANCES).where(
        INSTANCES.c.digest.in_(list(digests)),
        INSTANCES.c.state.not_in([InstanceState.REMOVED, InstanceState.SUSPENDED]),
    )
    return [instance_of(row) for row in work.db.execute(query)]


def of_release(work: Work, digest: str) -> list[Instance]:
    """Return the live instances of a version, by team and name."""
    query = select(INSTANCES).where(INSTANCES.c.digest == digest, IS_LIVE)
    found = work.db.execute(query.order_by(INSTANCES.c.team, INSTANCES.c.name))
    return [instance_of(row) for row in found]
