"""The table of what instances used, by generation, and every query on it."""

import json
from dataclasses import astuple
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    Row,
    Table,
    Text,
    and_,
    delete,
    select,
)

from connectory.backends.targets import Traffic, Usage
from connectory.catalog.rules import Name
from connectory.observed.rules import Record
from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime, put_row

USAGES = Table(
    "instance_usage",
    METADATA,
    Column("instance", Text, primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("namespace", Text, nullable=False),
    Column("connector", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False, index=True),
    Column("starts", Integer, nullable=False),
    Column("running_s", Float, nullable=False),
    Column("cpu_s", Float, nullable=False),
    Column("memory_peak", BigInteger, nullable=False),
    Column("cold_start_ms", Integer),
    Column("names", Text, nullable=False),
    Index("ix_instance_usage_version", "namespace", "connector", "version"),
)
MOST_RECORDS = 1000  # that a version is judged by: its newest


def put(work: Work, name: Name, version: str, record: Record) -> None:
    """Keep what a generation that runs a version used, in place of what was kept before."""
    row = {
        "instance": record.instance,
        "generation": record.generation,
        "namespace": name.namespace,
        "connector": name.id,
        "version": version,
        "since": record.since,
        "seen_at": record.seen_at,
        "starts": record.starts,
        "running_s": record.running_s,
        "cpu_s": record.cpu_s,
        "memory_peak": record.memory_peak,
        "cold_start_ms": record.cold_start_ms,
        "names": _names(record),
    }
    put_row(work.db, USAGES, row)


def of_version(work: Work, name: Name, version: str, *, instance: str = "") -> list[Record]:
    """Return the newest records of a version, of one of its instances if that is named."""
    same = and_(
        USAGES.c.namespace == name.namespace,
        USAGES.c.connector == name.id,
        USAGES.c.version == version,
    )
    query = select(USAGES).where(
        and_(same, USAGES.c.instance == instance) if instance else same
    )
    newest = query.order_by(USAGES.c.seen_at.desc()).limit(MOST_RECORDS)
    return [_record(row) for row in work.db.execute(newest)]


def forget(work: Work, older_than: timedelta) -> None:
    """Delete what was not seen any more for some time."""
    work.db.execute(delete(USAGES).where(USAGES.c.seen_at < work.now - older_than))


def record_of(instance: str, usage: Usage, now: datetime) -> Record:
    """Return what a target says as it is kept."""
    values = {name: getattr(usage, name) for name in Usage.__dataclass_fields__}
    return Record(instance=instance, seen_at=now, **values)


def _names(record: Record) -> str:
    hosts = record.hosts
    return json.dumps(
        {
            "hosts": hosts and {host: astuple(each) for host, each in hosts.items()},
            "refused": dict(record.refused),
            "secrets": _sorted(record.secrets),
            "outputs": _sorted(record.outputs),
        }
    )


def _sorted(names: frozenset[str] | None) -> list[str] | None:
    return None if names is None else sorted(names)


def _record(row: Row[tuple[object, ...]]) -> Record:
    names = json.loads(row.names)
    return Record(
        instance=row.instance,
        generation=row.generation,
        since=row.since,
        seen_at=row.seen_at,
        starts=row.starts,
        running_s=row.running_s,
        cpu_s=row.cpu_s,
        memory_peak=row.memory_peak,
        cold_start_ms=row.cold_start_ms,
        hosts=_hosts(names["hosts"]),
        refused=dict(names["refused"]),
        secrets=_set(names["secrets"]),
        outputs=_set(names["outputs"]),
    )


def _hosts(kept: dict[str, list[int]] | None) -> dict[str, Traffic] | None:
    return None if kept is None else {host: Traffic(*numbers) for host, numbers in kept.items()}


def _set(kept: list[str] | None) -> frozenset[str] | None:
    return None if kept is None else frozenset(kept)
