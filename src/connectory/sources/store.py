"""The tables of sources, their syncs and what was found, and every query on them."""

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    text,
    update,
)

from connectory.access.rules import Reviewer
from connectory.kernel.texts import storable
from connectory.sources.rules import (
    EVERY,
    MOST_SYNCS,
    Entry,
    Failure,
    Outcome,
    Push,
    SignOff,
    Source,
    Sync,
    SyncLostError,
    SyncState,
    Wanted,
)
from connectory.work import Work
from connectory.work.leases import lease_time
from connectory.work.tables import METADATA, UtcTime, insert_new, put_row

IS_OPEN = text("state IN ('waiting', 'running')")

SOURCES = Table(
    "source",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("branch", Text, nullable=False),
    Column("folder", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("namespace", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("added_at", UtcTime, nullable=False),
    Column("sign_offs", Text, nullable=False),
    Column("people", Text, nullable=False),
)
SYNCS = Table(
    "source_sync",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("source", Text, ForeignKey("source.name"), nullable=False),
    Column("state", Text, nullable=False),
    Column("is_anew", Boolean, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("commit", Text, nullable=False),
    Column("failure", Text),
    Column("fence", Integer, nullable=False),
    Column("lease_until", UtcTime),
    Index("ix_source_sync_source_asked_at", "source", "asked_at"),
    # One waits and one runs at most, of each source.
    Index(
        "uq_source_sync_open",
        "source",
        "state",
        unique=True,
        sqlite_where=IS_OPEN,
        postgresql_where=IS_OPEN,
    ),
)
ENTRIES = Table(
    "source_entry",
    METADATA,
    Column("sync", Text, ForeignKey("source_sync.id"), primary_key=True),
    Column("folder", Text, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("about", Text, nullable=False),
)
FOLDERS = Table(
    "source_folder",
    METADATA,
    Column("source", Text, ForeignKey("source.name"), primary_key=True),
    Column("folder", Text, primary_key=True),
    Column("tree", Text, nullable=False),
    Column("commit", Text, nullable=False),
    Column("label", Text, nullable=False),
)
DELIVERIES = Table(
    "source_delivery",
    METADATA,
    Column("source", Text, ForeignKey("source.name"), primary_key=True),
    Column("mark", Text, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("commit", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("pusher", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Published:
    """What was in a folder when it was published last: its tree, its commit, its version."""

    tree: str = ""
    commit: str = ""
    label: str = ""


def add(work: Work, source: Source) -> bool:
    """Keep a source; False if the name is taken."""
    return insert_new(work.db, SOURCES, asdict(source) | _counted(source))


def count_merges(work: Work, changed: Source) -> None:
    """Note as the sign-off of which roles a merge counts, and who is who.

    What webhooks said of pushes until now is forgotten: others may have known their secret.
    """
    mine = SOURCES.c.name == changed.name
    work.db.execute(update(SOURCES).where(mine).values(**_counted(changed)))
    heard = update(DELIVERIES).where(DELIVERIES.c.source == changed.name)
    work.db.execute(heard.values(commit="", before="", pusher=""))


def remove(work: Work, name: str) -> None:
    """Forget a source with its syncs."""
    syncs = select(SYNCS.c.id).where(SYNCS.c.source == name)
    work.db.execute(delete(ENTRIES).where(ENTRIES.c.sync.in_(syncs)))
    for table in (SYNCS, FOLDERS, DELIVERIES):
        work.db.execute(delete(table).where(table.c.source == name))
    work.db.execute(delete(SOURCES).where(SOURCES.c.name == name))


def source(work: Work, name: str) -> Source | None:
    """Return a source, None if there is none of this name."""
    row = work.db.execute(select(SOURCES).where(SOURCES.c.name == name)).first()
    return _source(row) if row else None


def sources(work: Work, teams: Collection[str] | None) -> list[Source]:
    """Return the sources of teams, of all if None, by name."""
    query = select(SOURCES).order_by(SOURCES.c.name)
    if teams is not None:
        query = query.where(SOURCES.c.team.in_(teams))
    return [_source(row) for row in work.db.execute(query)]


def ask(work: Work, new: Sync) -> Sync:
    """Let a sync wait; return the one that waits already where there is one."""
    values = {name: getattr(new, name) for name in Sync.__slots__ if name != "failure"}
    if insert_new(work.db, SYNCS, values):
        return new
    waits = and_(SYNCS.c.source == new.source, SYNCS.c.state == SyncState.WAITING)
    if new.is_anew:
        work.db.execute(update(SYNCS).where(waits).values(is_anew=True))
    row = work.db.execute(select(SYNCS).where(waits)).first()
    return _sync(row) if row else ask(work, new)  # it began in between


def due(work: Work) -> Row[Any] | None:
    """Return the sync that waits the longest, or whose process died; None if there is none."""
    return work.db.execute(DUE, {"now": lease_time(work)}).first()


def claim(work: Work, lease: timedelta) -> Sync | None:
    """Take the sync that is due; None if there is none, or another process was faster."""
    row = due(work)
    if row is None:
        return None
    taken = (
        update(SYNCS)
        .where(SYNCS.c.id == row.id, SYNCS.c.state == row.state, SYNCS.c.fence == row.fence)
        .values(
            state=SyncState.RUNNING,
            fence=row.fence + 1,
            lease_until=lease_time(work) + lease,
            started_at=row.started_at or work.now,
        )
        .returning(SYNCS)
    )
    mine = work.db.execute(taken).first()
    return _sync(mine) if mine else None


def hold(work: Work, held: Sync, lease: timedelta) -> None:
    """Keep a sync for longer.

    Raises:
        SyncLostError: If another process has it.
    """
    _change(work, held, lease_until=lease_time(work) + lease)


def release(work: Work, held: Sync) -> None:
    """Let another process go on with a sync at once."""
    _change(work, held, lease_until=lease_time(work))


def note_commit(work: Work, held: Sync, commit: str) -> None:
    """Note what was fetched."""
    _change(work, held, commit=commit)


def finish(work: Work, held: Sync, state: SyncState, failure: Failure | None) -> None:
    """End a sync, and forget the oldest ones of its source."""
    said = json.dumps(asdict(failure)) if failure else None
    _change(work, held, state=state, failure=said, ended_at=work.now, lease_until=None)
    newest = (
        select(SYNCS.c.id)
        .where(SYNCS.c.source == held.source)
        .order_by(SYNCS.c.asked_at.desc(), SYNCS.c.id.desc())
        .limit(MOST_SYNCS)
    )
    old = and_(SYNCS.c.source == held.source, SYNCS.c.id.not_in(newest))
    ids = list(work.db.execute(select(SYNCS.c.id).where(old)).scalars())
    work.db.execute(delete(ENTRIES).where(ENTRIES.c.sync.in_(ids)))
    work.db.execute(delete(SYNCS).where(SYNCS.c.id.in_(ids)))


def _change(work: Work, held: Sync, **values: object) -> None:
    mine = and_(
        SYNCS.c.id == held.id,
        SYNCS.c.fence == held.fence,
        SYNCS.c.state == SyncState.RUNNING,
    )
    if work.db.execute(update(SYNCS).where(mine).values(**values)).rowcount == 0:
        raise SyncLostError(held.id)


def put_entries(work: Work, sync: str, entries: Iterable[Entry]) -> None:
    """Keep what became of folders; once more is like once."""
    for entry in entries:
        row = {
            "sync": sync,
            "folder": storable(entry.folder),
            "outcome": entry.outcome,
            "about": json.dumps(asdict(entry)),
        }
        put_row(work.db, ENTRIES, row)


def entries(work: Work, sync: str, wanted: Wanted = EVERY) -> list[Entry]:
    """Return what became of folders in a sync, by folder."""
    query = select(ENTRIES.c.about).where(
        ENTRIES.c.sync == sync, ENTRIES.c.folder > wanted.after
    )
    if wanted.outcome is not None:
        query = query.where(ENTRIES.c.outcome == wanted.outcome)
    query = query.order_by(ENTRIES.c.folder).limit(wanted.limit)
    return [_entry(json.loads(about)) for about in work.db.execute(query).scalars()]


def entry(work: Work, sync: str, folder: str) -> Entry | None:
    """Return what became of a folder in a sync; None if its log is no longer kept."""
    query = select(ENTRIES.c.about).where(ENTRIES.c.sync == sync, ENTRIES.c.folder == folder)
    about = work.db.execute(query).scalar()
    return _entry(json.loads(about)) if about else None


def counts(work: Work, syncs: Collection[str]) -> dict[str, dict[Outcome, int]]:
    """Return how many folders had which outcome, of each sync."""
    query = (
        select(ENTRIES.c.sync, ENTRIES.c.outcome, func.count())
        .where(ENTRIES.c.sync.in_(syncs))
        .group_by(ENTRIES.c.sync, ENTRIES.c.outcome)
    )
    found: dict[str, dict[Outcome, int]] = {sync: {} for sync in syncs}
    for sync, outcome, number in work.db.execute(query):
        found[sync][Outcome(outcome)] = number
    return found


def syncs(work: Work, source_name: str, limit: int) -> list[Sync]:
    """Return the syncs of a source, newest first."""
    query = (
        select(SYNCS)
        .where(SYNCS.c.source == source_name)
        .order_by(SYNCS.c.asked_at.desc(), SYNCS.c.id.desc())
        .limit(limit)
    )
    return [_sync(row) for row in work.db.execute(query)]


def sync(work: Work, source_name: str, sync_id: str) -> Sync | None:
    """Return a sync of a source."""
    query = select(SYNCS).where(SYNCS.c.source == source_name, SYNCS.c.id == sync_id)
    row = work.db.execute(query).first()
    return _sync(row) if row else None


def folders(work: Work, source_name: str) -> dict[str, Published]:
    """Return each folder as it was when it was last published."""
    query = select(FOLDERS).where(FOLDERS.c.source == source_name)
    found = work.db.execute(query)
    return {row.folder: Published(row.tree, row.commit, row.label) for row in found}


def put_folder(work: Work, source_name: str, folder: str, now: Published) -> None:
    """Note with what a folder was published."""
    put_row(work.db, FOLDERS, {"source": source_name, "folder": folder, **asdict(now)})


def add_delivery(work: Work, source_name: str, mark: str, push: Push) -> bool:
    """Note a call of the webhook; False if there was the very same before."""
    told = {"commit": push.commit, "before": push.before, "pusher": push.by}
    row = {"source": source_name, "mark": mark, "at": work.now, **told}
    return insert_new(work.db, DELIVERIES, row)


def pushers(work: Work, source_name: str, commit: str, before: str) -> frozenset[str]:
    """Return who moved the branch from one commit to another, as its host called them."""
    query = select(DELIVERIES.c.pusher).where(
        DELIVERIES.c.source == source_name,
        DELIVERIES.c.commit == commit,
        DELIVERIES.c.before == before,
    )
    return frozenset(work.db.execute(query).scalars())


def forget_deliveries(work: Work, before: datetime) -> None:
    """Forget calls of webhooks that are older."""
    work.db.execute(delete(DELIVERIES).where(DELIVERIES.c.at < before))


def _counted(source: Source) -> dict[str, str]:
    people = json.dumps(dict(source.people), sort_keys=True)
    return {"sign_offs": " ".join(source.sign_offs), "people": people}


def _source(row: Row[Any]) -> Source:
    known = row._asdict()
    known["sign_offs"] = tuple(map(Reviewer, row.sign_offs.split()))
    known["people"] = json.loads(row.people)
    return Source(**known)


def _sync(row: Row[Any]) -> Sync:
    known = {name: getattr(row, name) for name in Sync.__slots__}
    known["state"] = SyncState(row.state)
    known["failure"] = Failure(**json.loads(row.failure)) if row.failure else None
    return Sync(**known)


def _entry(about: dict[str, Any]) -> Entry:
    failure, counted = about.pop("failure"), about.pop("sign_off", None)
    about |= {name: tuple(about[name]) for name in ("authors", "problems")}
    about |= {"outcome": Outcome(about["outcome"])}
    sign_off = SignOff(tuple(counted.pop("roles")), **counted) if counted else None
    return Entry(**about, failure=Failure(**failure) if failure else None, sign_off=sign_off)


BUSY = SYNCS.alias("busy")
IS_BUSY = select(BUSY.c.id).where(
    BUSY.c.source == SYNCS.c.source, BUSY.c.state == SyncState.RUNNING
)
IS_DUE = or_(
    and_(SYNCS.c.state == SyncState.WAITING, ~IS_BUSY.exists()),
    and_(SYNCS.c.state == SyncState.RUNNING, SYNCS.c.lease_until < bindparam("now")),
)
DUE = select(SYNCS).where(IS_DUE).order_by(SYNCS.c.asked_at).limit(1)
"""Each committed change asks for it: it is put together once."""
