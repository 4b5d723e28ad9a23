"""The tables of decisions and every query on them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, Column, Table, Text, select

from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime, insert_new

DECISIONS = Table(
    "policy_decision",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("connector", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("bundle", Text, nullable=False),
    Column("input_digest", Text, nullable=False),
    Column("input", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("is_allowed", Boolean, nullable=False),
    Column("said", Text, nullable=False),
    Column("decided_at", UtcTime, nullable=False),
)
RULES = Table(
    "policy_rules",
    METADATA,
    Column("bundle", Text, primary_key=True),
    Column("files", Text, nullable=False),
)
"""The rules that decisions were made by, also those of former releases."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What rules said of an input. `connector` is `namespace/id`; two fields hold JSON."""

    id: str
    connector: str
    version: str
    bundle: str
    input_digest: str
    input: str
    engine: str
    is_allowed: bool
    said: str
    decided_at: datetime


def put(work: Work, decided: Decided, rules: Mapping[str, str]) -> None:
    """Keep a decision and its rules; one that is kept already stays as it is."""
    row = {name: getattr(decided, name) for name in Decided.__slots__}
    insert_new(work.db, DECISIONS, row)
    insert_new(work.db, RULES, {"bundle": decided.bundle, "files": json.dumps(dict(rules))})


def decided(work: Work, decision: str) -> Decided | None:
    """Return a decision, None if there is none of that id."""
    query = select(DECISIONS).where(DECISIONS.c.id == decision)
    row = work.db.execute(query).first()
    return Decided(**row._asdict()) if row else None


def rules(work: Work, bundle: str) -> dict[str, str]:
    """Return the rules that decisions were made by; they are kept with the first."""
    query = select(RULES.c.files).where(RULES.c.bundle == bundle)
    return dict(json.loads(work.db.execute(query).scalar_one()))
