"""The tables of vetting and every query on them."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    Row,
    Table,
    Text,
    select,
    text,
    update,
)

from connectory.checks.rules import Finding, Result, State
from connectory.kernel.errors import Problem
from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime, insert_new, put_row

REPORTS = Table(
    "check_report",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("manifest_digest", Text, nullable=False),
    Column("package_digest", Text),
    Column("label", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("results", Text, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Index(
        "ix_check_report_waiting",
        "asked_at",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)
CURSOR = Table(
    "vetting_cursor",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
CHECKS, SIGNER = 1, 2
"""Who follows the event log here."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What the checks say of the bytes with this digest; `ended_at` is None before they ran."""

    digest: str
    manifest_digest: str
    package_digest: str | None
    label: str  # of the version that was published first with it
    engine: str
    results: tuple[Result, ...]
    asked_at: datetime
    ended_at: datetime | None


def position(work: Work, follower: int = CHECKS) -> int:
    """Return how far the event log was followed."""
    query = select(CURSOR.c.position).where(CURSOR.c.id == follower)
    return work.db.execute(query).scalar() or 0


def follow_to(work: Work, reached: int, follower: int = CHECKS) -> None:
    """Remember how far the event log was followed."""
    put_row(work.db, CURSOR, {"id": follower, "position": reached})


def ask(work: Work, digest: str, manifest: str, package: str | None, label: str) -> None:
    """Note that bytes wait for their checks; those that are known already do not again."""
    waiting = {
        "digest": digest,
        "manifest_digest": manifest,
        "package_digest": package,
        "label": label,
        "engine": "",
        "results": "[]",
        "asked_at": work.now,
    }
    insert_new(work.db, REPORTS, waiting)


def ask_again(work: Work, digest: str) -> bool:
    """Let known bytes wait for their checks once more; say whether they are known."""
    again = update(REPORTS).where(REPORTS.c.digest == digest)
    return work.db.execute(again.values(asked_at=work.now, ended_at=None)).rowcount > 0


def waiting(work: Work, limit: int) -> list[CheckReport]:
    """Return what waits for its checks, the longest first."""
    query = select(REPORTS).where(REPORTS.c.ended_at.is_(None)).order_by(REPORTS.c.asked_at)
    return [_report(row) for row in work.db.execute(query.limit(limit))]


def older(work: Work, than: datetime, limit: int) -> list[CheckReport]:
    """Return reports that ended before a moment, the oldest first."""
    query = select(REPORTS).where(REPORTS.c.ended_at < than).order_by(REPORTS.c.ended_at)
    return [_report(row) for row in work.db.execute(query.limit(limit))]


def finish(work: Work, waited: CheckReport, engine: str, results: Sequence[Result]) -> None:
    """Keep what the checks said, unless they were asked for again meanwhile."""
    ended = update(REPORTS).where(
        REPORTS.c.digest == waited.digest, REPORTS.c.asked_at == waited.asked_at
    )
    written = json.dumps([asdict(one) for one in results])
    work.db.execute(ended.values(engine=engine, results=written, ended_at=work.now))


def reports(work: Work, digests: Collection[str]) -> dict[str, CheckReport]:
    """Return the reports of those digests that have one."""
    query = select(REPORTS).where(REPORTS.c.digest.in_(digests))
    return {row.digest: _report(row) for row in work.db.execute(query)}


def _report(row: Row[tuple[object, ...]]) -> CheckReport:
    values = row._asdict()
    results = tuple(_result(each) for each in json.loads(values.pop("results")))
    return CheckReport(results=results, **values)


def _result(written: dict[str, object]) -> Result:
    found = written["findings"]
    findings = found if isinstance(found, list) else []
    return Result(
        check=str(written["check"]),
        state=State(str(written["state"])),
        findings=tuple(_finding(one) for one in findings),
        reason=str(written["reason"]),
    )


def _finding(written: dict[str, Any]) -> Finding:
    return Finding(written["file"], Problem(**written["problem"]), written.get("about", ""))
