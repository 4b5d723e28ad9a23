"""What pages and routes may know about schedules."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from connectory.instances.crew import Crew
from connectory.instances.read import Instance
from connectory.manifest.coming import Coming, coming
from connectory.schedules import store
from connectory.schedules.rules import Skipped
from connectory.work import Work

SKIPS_SHOWN = 5
SKIPS_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Standing:
    """A schedule of an instance. `starts_at` is when its next run begins, delay included."""

    coming: Coming
    starts_at: datetime | None  # None: it was installed or changed just now
    last_run: str | None
    skipped: tuple[Skipped, ...]  # newest first


def schedules(work: Work, crew: Crew, one: Instance) -> tuple[Standing, ...]:
    """Return the schedules of an instance, in the order of its manifest."""
    manifest = crew.launcher.version_of(work, one).manifest
    rows = store.of_instance(work, one.id)
    return tuple(
        Standing(
            coming=each,
            starts_at=row.fires_at if (row := rows.get(each.name)) else None,
            last_run=row.last_run if row else None,
            skipped=tuple(store.skips(work, one.id, each.name, limit=SKIPS_SHOWN)),
        )
        for each in coming(manifest, work.now)
    )


def forget(work: Work) -> None:
    """Delete what was noted of ticks long ago."""
    store.forget_skips(work, work.now - SKIPS_KEPT)
