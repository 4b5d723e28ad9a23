"""The time that leases are measured by."""

from datetime import datetime

from sqlalchemy import func, select

from connectory.work import Work


def lease_time(work: Work) -> datetime:
    """Return the time that leases are measured by, the same for all servers of a database.

    SQLite has one machine and so one clock. On PostgreSQL it is the database's own: a server
    whose clock is ahead must not take away what another works on.
    """
    if work.db.dialect.name == "sqlite":
        return work.now
    now: datetime = work.db.execute(select(func.clock_timestamp())).scalar_one()
    return now
