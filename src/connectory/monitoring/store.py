"""The tables of the numbers that instances report, and every query on them.

They are telemetry: bounded, thinned out with age, and gone with the instance.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
)

from connectory.work import Work
from connectory.work.tables import METADATA

SERIES = Table(
    "metric_series",
    METADATA,
    Column("instance", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("labels", Text, nullable=False),
    Column("kind", Text, nullable=False),
)
SAMPLES = Table(
    "metric_sample",
    METADATA,
    Column("instance", Text, primary_key=True),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("numbers", Text, nullable=False),
    Index("ix_metric_sample_step_at", "step", "at"),
)

Numbers = dict[int, float]  # number of a series -> its value


@dataclass(frozen=True, slots=True)
class Series:
    """One series of an instance; `labels` is sorted JSON, `kind` counter or gauge."""

    number: int
    name: str
    labels: str
    kind: str


@dataclass(frozen=True, slots=True)
class Row:
    """All numbers of an instance at a moment (`step` 0), or of the `step` seconds from it on.

    `at` is in seconds since 1970. Of a step, counters have what they grew by, gauges the mean.
    """

    instance: str
    step: int
    at: int
    numbers: Numbers


def series(work: Work, instances: Iterable[str]) -> dict[str, list[Series]]:
    """Return the series of instances, by instance."""
    query = select(SERIES).where(SERIES.c.instance.in_(list(instances)))
    found: dict[str, list[Series]] = {}
    for row in work.db.execute(query.order_by(SERIES.c.instance, SERIES.c.number)):
        one = Series(row.number, row.name, row.labels, row.kind)
        found.setdefault(row.instance, []).append(one)
    return found


def instances(work: Work) -> frozenset[str]:
    """Return the instances of which there are numbers."""
    return frozenset(work.db.execute(select(SERIES.c.instance).distinct()).scalars())


def add_series(work: Work, new: Iterable[tuple[str, Series]]) -> None:
    """Insert series that are not there yet."""
    rows = [
        {
            "instance": instance,
            "number": one.number,
            "name": one.name,
            "labels": one.labels,
            "kind": one.kind,
        }
        for instance, one in new
    ]
    if rows:
        work.db.execute(insert(SERIES), rows)


def add_rows(work: Work, new: Iterable[Row]) -> None:
    """Insert the numbers of many instances at once."""
    rows = [
        {
            "instance": one.instance,
            "step": one.step,
            "at": one.at,
            "numbers": _packed(one.numbers),
        }
        for one in new
    ]
    if rows:
        work.db.execute(insert(SAMPLES), rows)


def rows(work: Work, step: int, since: int, before: int, *, instance: str = "") -> list[Row]:
    """Return the rows of a step from `since` to `before`, by instance and time."""
    query = select(SAMPLES).where(
        SAMPLES.c.step == step, SAMPLES.c.at >= since, SAMPLES.c.at < before
    )
    if instance:
        query = query.where(SAMPLES.c.instance == instance)
    ordered = query.order_by(SAMPLES.c.instance, SAMPLES.c.at)
    return [
        Row(row.instance, row.step, row.at, _unpacked(row.numbers))
        for row in work.db.execute(ordered)
    ]


def last(work: Work, step: int) -> int | None:
    """Return the moment of the newest row of a step."""
    query = select(func.max(SAMPLES.c.at)).where(SAMPLES.c.step == step)
    found: int | None = work.db.execute(query).scalar_one()
    return found


def first(work: Work, step: int, *, since: int) -> int | None:
    """Return the moment of the oldest row of a step that is not older than `since`."""
    query = select(func.min(SAMPLES.c.at)).where(SAMPLES.c.step == step, SAMPLES.c.at >= since)
    found: int | None = work.db.execute(query).scalar_one()
    return found


def prune(work: Work, step: int, before: int) -> int:
    """Delete the rows of a step that are older; return how many."""
    old = delete(SAMPLES).where(SAMPLES.c.step == step, SAMPLES.c.at < before)
    return work.db.execute(old).rowcount


def forget(work: Work, gone: Iterable[str]) -> None:
    """Delete everything of instances."""
    names = list(gone)
    for table in (SAMPLES, SERIES):
        work.db.execute(delete(table).where(table.c.instance.in_(names)))


def _packed(numbers: Mapping[int, float]) -> str:
    return json.dumps(numbers, separators=(",", ":"), allow_nan=False)


def _unpacked(text: str) -> Numbers:
    return {int(number): value for number, value in json.loads(text).items()}
