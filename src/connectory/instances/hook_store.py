"""The table of hook addresses, and every query on it."""

from dataclasses import dataclass

from sqlalchemy import Column, Index, Table, Text, and_, delete, select, update

from connectory.instances.store import Instance
from connectory.work import Work
from connectory.work.tables import METADATA, put_row

HOOKS = Table(
    "hook",
    METADATA,
    Column("instance", Text, primary_key=True),
    Column("team", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("coming", Text),
    Index("uq_hook_team_name", "team", "name", unique=True),
)


@dataclass(frozen=True, slots=True)
class Hook:
    """The instance behind an address and the fingerprints of the keys that open it.

    `coming` is the key that takes the place of the other while keys are exchanged.
    """

    instance: str
    fingerprint: str
    coming: str | None


def set_hook(work: Work, instance: Instance, fingerprint: str) -> None:
    """Open the hook address of an instance, or let it have this key alone."""
    row = {"instance": instance.id, "team": instance.team, "name": instance.name}
    put_row(work.db, HOOKS, {**row, "fingerprint": fingerprint, "coming": None})


def set_coming(work: Work, instance_id: str, fingerprint: str | None) -> None:
    """Let a second key open the address as well, or no second one."""
    change = update(HOOKS).where(HOOKS.c.instance == instance_id)
    work.db.execute(change.values(coming=fingerprint))


def is_exchanging(work: Work, instance_id: str) -> bool:
    """Whether a second key of an instance is on its way in."""
    query = select(HOOKS.c.coming).where(HOOKS.c.instance == instance_id)
    return work.db.execute(query).scalar() is not None


def hook(work: Work, team: str, name: str) -> Hook | None:
    """Return what is behind a hook address."""
    query = select(HOOKS.c.instance, HOOKS.c.fingerprint, HOOKS.c.coming).where(
        and_(HOOKS.c.team == team, HOOKS.c.name == name)
    )
    row = work.db.execute(query).first()
    return Hook(row.instance, row.fingerprint, row.coming) if row else None


def delete_hook(work: Work, instance_id: str) -> None:
    """Close the hook address of an instance."""
    work.db.execute(delete(HOOKS).where(HOOKS.c.instance == instance_id))
