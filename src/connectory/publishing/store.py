"""The table of drafts and every query on it. Each names the account: drafts are private."""

import dataclasses
from datetime import datetime

from sqlalchemy import (
    Column,
    ForeignKey,
    Row,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from connectory.publishing.rules import Draft
from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime

DRAFTS = Table(
    "draft",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("account", Text, ForeignKey("account.name"), nullable=False, index=True),
    Column("template", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False, index=True),
)


def add(work: Work, draft: Draft) -> None:
    """Insert a draft."""
    work.db.execute(insert(DRAFTS).values(**dataclasses.asdict(draft)))


def count(work: Work, account: str) -> int:
    """Return how many drafts an account has."""
    wanted = select(func.count()).select_from(DRAFTS).where(DRAFTS.c.account == account)
    return work.db.execute(wanted).scalar_one()


def drafts_of(work: Work, account: str) -> tuple[Draft, ...]:
    """Return the drafts of an account, the last changed one first."""
    wanted = select(DRAFTS).where(DRAFTS.c.account == account)
    rows = work.db.execute(wanted.order_by(DRAFTS.c.changed_at.desc(), DRAFTS.c.id))
    return tuple(map(_draft, rows))


def find(work: Work, draft: str, account: str) -> Draft | None:
    """Return a draft of this account, None if it has none of this id."""
    wanted = select(DRAFTS).where(DRAFTS.c.id == draft, DRAFTS.c.account == account)
    row = work.db.execute(wanted).first()
    return None if row is None else _draft(row)


def save(work: Work, draft: Draft) -> None:
    """Replace the text of a draft."""
    changed = update(DRAFTS).where(DRAFTS.c.id == draft.id)
    work.db.execute(changed.values(text=draft.text, changed_at=draft.changed_at))


def remove(work: Work, draft: str, account: str) -> bool:
    """Delete a draft of this account; return whether there was one."""
    gone = delete(DRAFTS).where(DRAFTS.c.id == draft, DRAFTS.c.account == account)
    return work.db.execute(gone).rowcount == 1


def remove_unchanged_since(work: Work, moment: datetime) -> tuple[str, ...]:
    """Delete what nobody has changed since a moment; return the ids."""
    gone = delete(DRAFTS).where(DRAFTS.c.changed_at < moment).returning(DRAFTS.c.id)
    return tuple(work.db.execute(gone).scalars())


def _draft(row: Row[tuple[object, ...]]) -> Draft:
    return Draft(row.id, row.account, row.template, row.text, row.created_at, row.changed_at)
