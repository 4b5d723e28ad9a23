"""Ask the targets what instances used, now and then, and keep it."""

import logging
from datetime import timedelta

from connectory.instances import read as instances
from connectory.instances.crew import Crew
from connectory.instances.read import STILL, Instance, Wanted
from connectory.instances.rules import InstanceState
from connectory.kernel.errors import ConnectoryError
from connectory.observed import store
from connectory.observed.rules import Record
from connectory.work import SYSTEM, Origin, Work

LOG = logging.getLogger("connectory.observed")
BATCH = 100
KEPT = timedelta(days=90)
WATCHED = frozenset({InstanceState.RUNNING, *STILL})


def collect(crew: Crew) -> None:
    """Keep what every instance has used so far; a batch is one transaction."""
    after = ("", "")
    while batch := _batch(crew, after):
        found = [(one, record) for one in batch if (record := ask(crew, one))]
        with crew.works.begin() as db:  # not `write`: nobody follows numbers
            work = Work(db, crew.works.clock(), Origin(SYSTEM))
            for instance, record in found:
                store.put(work, instance.connector, instance.version, record)
        after = (batch[-1].team, batch[-1].name)


def forget(work: Work) -> None:
    """Delete what is not seen any more, because its instance is gone."""
    store.forget(work, KEPT)


def ask(crew: Crew, instance: Instance) -> Record | None:
    """Return what the present generation of an instance has used; None if nobody can say."""
    try:
        usage = crew.targets[instance.target].usage(instance.id)
    except ConnectoryError as failure:
        LOG.warning("%s: %s", instance.label, failure.message, extra={"instance": instance.id})
        return None
    if usage is None or usage.generation != instance.generation:
        return None  # it is just being changed
    return store.record_of(instance.id, usage, crew.works.clock())


def _batch(crew: Crew, after: tuple[str, str]) -> list[Instance]:
    with crew.works.read() as work:
        return instances.instances(work, Wanted(states=WATCHED, after=after, limit=BATCH))
