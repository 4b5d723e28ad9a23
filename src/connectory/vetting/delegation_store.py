"""The table of delegations and every query on it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Row, Table, Text, insert, or_, select, update

from connectory.access.rules import Reviewer
from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime

DELEGATIONS = Table(
    "review_delegation",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("giver", Text, nullable=False, index=True),
    Column("taker", Text, nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("tag", Text, nullable=False),
    Column("risk", Text, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
)


@dataclass(frozen=True, slots=True)
class Delegation:
    """One account decides for another in a role until a certain time.

    An empty `tag` means all versions; `risk` is the highest that is meant.
    """

    id: str
    giver: str
    taker: str
    role: Reviewer
    tag: str
    risk: str
    made_at: datetime
    ends_at: datetime
    revoked_at: datetime | None = None


def add(work: Work, new: Delegation) -> None:
    """Keep a delegation."""
    values = {name: getattr(new, name) for name in Delegation.__slots__}
    work.db.execute(insert(DELEGATIONS).values(**values))


def by_id(work: Work, delegation: str) -> Delegation | None:
    """Return a delegation, also one that has ended."""
    row = work.db.execute(select(DELEGATIONS).where(DELEGATIONS.c.id == delegation)).first()
    return _delegation(row) if row else None


def revoke(work: Work, delegation: str) -> bool:
    """End a delegation now; say whether it had not been ended before."""
    alive = DELEGATIONS.c.revoked_at.is_(None)
    change = update(DELEGATIONS).where(DELEGATIONS.c.id == delegation, alive)
    return work.db.execute(change.values(revoked_at=work.now)).rowcount > 0


def of_taker(work: Work, taker: str, *, lock: bool = False) -> list[Delegation]:
    """Return what was delegated to an account and not revoked, also what has ended by itself.

    With `lock` nobody revokes them until this transaction ends.
    """
    query = select(DELEGATIONS).where(
        DELEGATIONS.c.taker == taker, DELEGATIONS.c.revoked_at.is_(None)
    )
    ordered = query.order_by(DELEGATIONS.c.made_at, DELEGATIONS.c.id)
    found = work.db.execute(ordered.with_for_update() if lock else ordered)
    return [_delegation(row) for row in found]


def delegations(work: Work, account: str | None, limit: int) -> list[Delegation]:
    """Return the delegations by or to an account, or all; the newest first."""
    query = select(DELEGATIONS)
    if account is not None:
        query = query.where(or_(DELEGATIONS.c.giver == account, DELEGATIONS.c.taker == account))
    ordered = query.order_by(DELEGATIONS.c.made_at.desc(), DELEGATIONS.c.id.desc())
    return [_delegation(row) for row in work.db.execute(ordered.limit(limit))]


def _delegation(row: Row[tuple[object, ...]]) -> Delegation:
    values = row._asdict()
    return Delegation(role=Reviewer(values.pop("role")), **values)
