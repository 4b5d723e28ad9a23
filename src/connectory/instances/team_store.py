"""The tables of what teams bring along for their instances, and every query on them."""

import json
from collections.abc import Iterable

from sqlalchemy import Column, Table, Text, and_, delete, select

from connectory.work import Work
from connectory.work.tables import METADATA, put_row

DEFAULTS = Table(
    "team_default",
    METADATA,
    Column("team", Text, primary_key=True),
    Column("environment", Text, primary_key=True),
    Column("inputs", Text, nullable=False),
)
REFERENCES = Table(
    "secret_reference",
    METADATA,
    Column("team", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("path", Text, nullable=False),
)


def defaults(work: Work, team: str, environment: str) -> dict[str, object]:
    """Return the values that a team has set for its instances in one environment."""
    query = select(DEFAULTS.c.inputs).where(
        and_(DEFAULTS.c.team == team, DEFAULTS.c.environment == environment)
    )
    found = work.db.execute(query).scalar()
    values: dict[str, object] = json.loads(found) if found else {}
    return values


def all_defaults(work: Work, teams: Iterable[str]) -> dict[tuple[str, str], dict[str, object]]:
    """Return the values that some teams have set, by team and environment."""
    query = select(DEFAULTS).where(DEFAULTS.c.team.in_(sorted(set(teams))))
    found = work.db.execute(query.order_by(DEFAULTS.c.team, DEFAULTS.c.environment))
    return {(row.team, row.environment): json.loads(row.inputs) for row in found}


def set_defaults(work: Work, team: str, environment: str, inputs: dict[str, object]) -> None:
    """Replace the values that a team has set for one environment."""
    row = {"team": team, "environment": environment, "inputs": json.dumps(inputs)}
    put_row(work.db, DEFAULTS, row)


def references(work: Work, team: str) -> dict[str, str]:
    """Return which path each secret name of a team stands for."""
    query = select(REFERENCES.c.name, REFERENCES.c.path).where(REFERENCES.c.team == team)
    found = work.db.execute(query.order_by(REFERENCES.c.name))
    return {row.name: row.path for row in found}


def set_reference(work: Work, team: str, name: str, path: str) -> None:
    """Let a secret name of a team stand for a path."""
    put_row(work.db, REFERENCES, {"team": team, "name": name, "path": path})


def delete_reference(work: Work, team: str, name: str) -> bool:
    """Forget what a secret name of a team stands for; return whether it stood for anything."""
    same = and_(REFERENCES.c.team == team, REFERENCES.c.name == name)
    return work.db.execute(delete(REFERENCES).where(same)).rowcount > 0
