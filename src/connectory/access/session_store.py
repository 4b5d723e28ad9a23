"""The tables of browser sessions and sign-in links, and every query on them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ForeignKey,
    Row,
    Table,
    Text,
    and_,
    delete,
    insert,
    or_,
    select,
    update,
)

from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime

SESSIONS = Table(
    "session",
    METADATA,
    Column("fingerprint", Text, primary_key=True),
    Column("account", Text, ForeignKey("account.name"), nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("id", Text, nullable=False, unique=True),
    Column("browser", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("last_used_at", UtcTime),
    Column("made_by", Text, index=True),
)
LINKS = Table(
    "sign_in_link",
    METADATA,
    Column("fingerprint", Text, primary_key=True),
    Column("account", Text, ForeignKey("account.name"), nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is signed in. `browser` is what it calls itself."""

    id: str
    account: str
    created_at: datetime
    expires_at: datetime
    browser: str = ""
    address: str = ""
    last_used_at: datetime | None = None
    made_by: str = ""  # the token that began it and that it ends with


def add_session(work: Work, new: Session, fingerprint: str) -> None:
    """Insert a browser session and forget those that ended."""
    work.db.execute(delete(SESSIONS).where(SESSIONS.c.expires_at < work.now))
    work.db.execute(
        insert(SESSIONS).values(
            fingerprint=fingerprint,
            account=new.account,
            created_at=new.created_at,
            expires_at=new.expires_at,
            id=new.id,
            browser=new.browser,
            address=new.address,
            made_by=new.made_by or None,
        )
    )


def session_by_fingerprint(work: Work, fingerprint: str) -> Session | None:
    """Return a session that has not ended."""
    same = and_(SESSIONS.c.fingerprint == fingerprint, SESSIONS.c.expires_at > work.now)
    row = work.db.execute(select(SESSIONS).where(same)).first()
    return _session(row) if row else None


def session(work: Work, session_id: str) -> Session | None:
    """Return a session that has not ended, by its id."""
    same = and_(SESSIONS.c.id == session_id, SESSIONS.c.expires_at > work.now)
    row = work.db.execute(select(SESSIONS).where(same)).first()
    return _session(row) if row else None


def sessions_of(work: Work, name: str) -> list[Session]:
    """Return the sessions of an account that have not ended, newest first."""
    own = and_(SESSIONS.c.account == name, SESSIONS.c.expires_at > work.now)
    query = select(SESSIONS).where(own).order_by(SESSIONS.c.created_at.desc(), SESSIONS.c.id)
    return [_session(row) for row in work.db.execute(query)]


def touch_session(work: Work, session_id: str) -> None:
    """Note that a session was used now."""
    same = SESSIONS.c.id == session_id
    work.db.execute(update(SESSIONS).where(same).values(last_used_at=work.now))


def end_session(work: Work, session_id: str) -> str | None:
    """Delete a session and return whose it was; None when there is none."""
    gone = delete(SESSIONS).where(SESSIONS.c.id == session_id)
    name = work.db.execute(gone.returning(SESSIONS.c.account)).scalar()
    return None if name is None else str(name)


def hand_over_sessions(work: Work, old: str, new: str) -> None:
    """Let the sessions that one token began end with another one."""
    begun = SESSIONS.c.made_by == old
    work.db.execute(update(SESSIONS).where(begun).values(made_by=new))


def end_sessions_made_by(work: Work, tokens: Iterable[str]) -> list[Session]:
    """Delete the sessions that some tokens began, and return them."""
    gone = delete(SESSIONS).where(SESSIONS.c.made_by.in_(sorted(tokens)))
    return [_session(row) for row in work.db.execute(gone.returning(SESSIONS))]


def add_link(work: Work, fingerprint: str, name: str, expires_at: datetime) -> None:
    """Insert a one-time sign-in link."""
    work.db.execute(
        insert(LINKS).values(fingerprint=fingerprint, account=name, expires_at=expires_at)
    )


def take_link(work: Work, fingerprint: str) -> str | None:
    """Consume a sign-in link: return its account once, None when unknown, used or expired."""
    gone = delete(LINKS).where(
        or_(LINKS.c.fingerprint == fingerprint, LINKS.c.expires_at < work.now)
    )
    taken = work.db.execute(gone.returning(LINKS)).all()
    for row in taken:
        if row.fingerprint == fingerprint and row.expires_at > work.now:
            return str(row.account)
    return None


def _session(row: Row[tuple[object, ...]]) -> Session:
    return Session(
        id=row.id,
        account=row.account,
        created_at=row.created_at,
        expires_at=row.expires_at,
        browser=row.browser,
        address=row.address,
        last_used_at=row.last_used_at,
        made_by=row.made_by or "",
    )
