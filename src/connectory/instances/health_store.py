"""The table of what is known of the health of instances, and every query on it."""

from collections.abc import Iterable

from sqlalchemy import Column, Integer, Table, Text, case, delete, func, select

from connectory.instances.health import STILL, Health, HealthWord
from connectory.instances.rules import InstanceState
from connectory.instances.store import INSTANCES
from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime, put_row

HEALTH = Table(
    "instance_health",
    METADATA,
    Column("instance", Text, primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("since", UtcTime),
    Column("reason", Text, nullable=False),
    Column("restarts", Integer, nullable=False),
)


def kept(work: Work, instances: Iterable[str]) -> dict[str, tuple[int, Health]]:
    """Return what was last kept of instances, with the generation that it is about."""
    query = select(HEALTH).where(HEALTH.c.instance.in_(list(instances)))
    return {
        row.instance: (
            row.generation,
            Health(HealthWord(row.status), row.since, row.reason, row.restarts),
        )
        for row in work.db.execute(query)
    }


def keep(work: Work, instance: str, generation: int, health: Health) -> None:
    """Store how a generation of an instance is doing."""
    row = {
        "instance": instance,
        "generation": generation,
        "status": health.status,
        "since": health.since,
        "reason": health.reason,
        "restarts": health.restarts,
    }
    put_row(work.db, HEALTH, row)


def forget(work: Work, instance: str) -> None:
    """Delete what is known of an instance that is gone."""
    work.db.execute(delete(HEALTH).where(HEALTH.c.instance == instance))


def numbers(work: Work) -> dict[str, int]:
    """Return how many running instances there are of each health, and how many stand still."""
    still = case(*((INSTANCES.c.state == state, word.value) for state, word in STILL.items()))
    word = func.coalesce(still, HEALTH.c.status, HealthWord.UNKNOWN.value).label("word")
    of_all = INSTANCES.outerjoin(HEALTH, HEALTH.c.instance == INSTANCES.c.id)
    query = select(word, func.count().label("many")).select_from(of_all)
    shown = INSTANCES.c.state.in_([InstanceState.RUNNING, *STILL])
    return {row.word: row.many for row in work.db.execute(query.where(shown).group_by(word))}
