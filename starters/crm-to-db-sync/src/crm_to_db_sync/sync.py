"""Carrying leads over, page by page, so that a crash costs one page."""

import datetime as dt
import threading
from dataclasses import dataclass

from connectory_sdk import log
from crm_to_db_sync.crm import Crm
from crm_to_db_sync.database import Database

OVERLAP = dt.timedelta(minutes=1)
"""A change can become visible later than another one that carries a later time."""
MOST_PAGES = 50  # of one run, so that it ends within its deadline; the next run goes on


@dataclass(frozen=True, slots=True)
class Done:
    """How many leads a run wrote, and whether the database is equal to the CRM now."""

    leads: int
    is_complete: bool


class Sync:
    """Writes what changed in the CRM to the database. One run at a time."""

    def __init__(self, crm: Crm, database: Database, most_pages: int = MOST_PAGES) -> None:
        self.crm = crm
        self._database = database
        self._most_pages = most_pages
        self._lock = threading.Lock()

    def run(self, *, everything: bool = False) -> Done:
        """Carry over what changed since the last run; what is there already is no harm.

        Each page and the mark up to which it leads are one transaction. A run that ends early,
        or dies, is continued by the next one from that mark.

        Raises:
            TryLaterError: If the CRM or the database cannot be reached now.
        """
        with self._lock:
            if everything:
                self._database.forget_mark()
            return self._carry_over()

    def _carry_over(self) -> Done:
        mark = self._database.mark()
        since, cursor, leads = earlier(mark), "", 0
        for _ in range(self._most_pages):
            page = self.crm.changed_since(since, cursor=cursor)
            if not page.leads:
                break
            reached = page.leads[-1].updated_at
            mark = max(mark, reached)
            self._database.write(page.leads, mark)
            leads += len(page.leads)
            if not page.cursor:
                break
            # The list moves while it is read, so it is asked anew by time. Only where a whole
            # page has one time does the cursor lead on.
            since, cursor = (since, page.cursor) if reached == since else (reached, "")
        else:
            log.info("more is left for the next run", leads=leads)
            return Done(leads, is_complete=False)
        log.info("written", leads=leads)
        return Done(leads, is_complete=True)


def earlier(mark: str) -> str:
    """Return a time a little before a mark; the beginning where there is no mark."""
    if not mark:
        return ""
    at = dt.datetime.fromisoformat(mark) - OVERLAP
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
