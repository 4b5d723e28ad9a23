"""The table of people whom an identity provider vouches for, and every query on it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Row,
    Select,
    Table,
    Text,
    insert,
    select,
    update,
)

from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime

IDENTITIES = Table(
    "identity",
    METADATA,
    Column("account", Text, ForeignKey("account.name"), primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("groups", Text, nullable=False),
    Column("checked_at", UtcTime, nullable=False),
    Index("uq_identity_subject", "issuer", "subject", unique=True),
)


@dataclass(frozen=True, slots=True)
class Identity:
    """An account of somebody at a provider, and the groups it last said that they are in."""

    account: str
    issuer: str
    subject: str
    groups: frozenset[str]
    checked_at: datetime


def of_account(work: Work, account: str) -> Identity | None:
    """Return the identity behind an account; None for local accounts."""
    return _found(work, select(IDENTITIES).where(IDENTITIES.c.account == account))


def of_subject(work: Work, issuer: str, subject: str) -> Identity | None:
    """Return the identity that a provider calls by this name."""
    same = (IDENTITIES.c.issuer == issuer) & (IDENTITIES.c.subject == subject)
    return _found(work, select(IDENTITIES).where(same))


def add(work: Work, new: Identity) -> None:
    """Insert an identity."""
    work.db.execute(
        insert(IDENTITIES).values(
            account=new.account,
            issuer=new.issuer,
            subject=new.subject,
            groups=_written(new.groups),
            checked_at=new.checked_at,
        )
    )


def note(work: Work, account: str, groups: Iterable[str]) -> None:
    """Note what the provider said now."""
    change = update(IDENTITIES).where(IDENTITIES.c.account == account)
    work.db.execute(change.values(groups=_written(groups), checked_at=work.now))


def _written(groups: Iterable[str]) -> str:
    return json.dumps(sorted(groups))


def _found(work: Work, query: Select[tuple[object, ...]]) -> Identity | None:
    row = work.db.execute(query).first()
    return None if row is None else _identity(row)


def _identity(row: Row[tuple[object, ...]]) -> Identity:
    values = row._asdict()
    return Identity(groups=frozenset(json.loads(values.pop("groups"))), **values)
