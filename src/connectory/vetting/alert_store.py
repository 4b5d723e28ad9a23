"""The table of alerts, which advisories concern versions now, and every query on it."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Column, Table, Text, delete, or_, select

from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime, insert_new

ALERTS = Table(
    "advisory_alert",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("about", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("found_at", UtcTime, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Alert:
    """An advisory that concerns what a version brings along.

    `about` names advisory and package, `label` the version with these bytes, `team` its owner.
    """

    digest: str
    about: str
    label: str
    team: str
    message: str
    hint: str
    found_at: datetime


def add(work: Work, alert: Alert) -> bool:
    """Keep an alert; say whether it is new."""
    return insert_new(work.db, ALERTS, asdict(alert))


def keep_only(work: Work, digest: str, about: Collection[str]) -> None:
    """Delete the alerts of these bytes that are about anything else."""
    over = ALERTS.c.digest == digest, ALERTS.c.about.not_in(sorted(about))
    work.db.execute(delete(ALERTS).where(*over))


def alerts(
    work: Work, digests: Collection[str], teams: Collection[str] = (), limit: int = 1000
) -> list[Alert]:
    """Return the alerts about any of these bytes, or about versions of teams, newest first."""
    whose = or_(ALERTS.c.digest.in_(sorted(digests)), ALERTS.c.team.in_(sorted(teams)))
    order = ALERTS.c.found_at.desc(), ALERTS.c.label, ALERTS.c.about
    rows = work.db.execute(select(ALERTS).where(whose).order_by(*order).limit(limit))
    return [Alert(**row._asdict()) for row in rows]
