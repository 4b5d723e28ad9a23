"""The table of saved searches, and every query on it."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Row,
    Table,
    Text,
    and_,
    delete,
    insert,
    select,
    update,
)

from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime

SEARCHES = Table(
    "saved_search",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("account", Text, ForeignKey("account.name"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search that somebody wants to make again; `query` is that of its address."""

    id: str
    account: str
    title: str
    query: str
    created_at: datetime

    @property
    def url(self) -> str:
        """The page of its results."""
        return f"/connectors?{self.query}" if self.query else "/connectors"


def add(work: Work, new: SavedSearch) -> None:
    """Insert a saved search."""
    work.db.execute(insert(SEARCHES).values(**asdict(new)))


def of(work: Work, account: str) -> list[SavedSearch]:
    """Return the saved searches of an account by title."""
    query = select(SEARCHES).where(SEARCHES.c.account == account)
    found = work.db.execute(query.order_by(SEARCHES.c.title, SEARCHES.c.id))
    return [_search(row) for row in found]


def rename(work: Work, account: str, search_id: str, title: str) -> bool:
    """Give an account's search another title; return whether there is such a search."""
    change = update(SEARCHES).where(_is(account, search_id)).values(title=title)
    return work.db.execute(change).rowcount > 0


def remove(work: Work, account: str, search_id: str) -> bool:
    """Delete an account's search; return whether there was such a search."""
    return work.db.execute(delete(SEARCHES).where(_is(account, search_id))).rowcount > 0


def _is(account: str, search_id: str) -> ColumnElement[bool]:
    return and_(SEARCHES.c.account == account, SEARCHES.c.id == search_id)


def _search(row: Row[tuple[object, ...]]) -> SavedSearch:
    return SavedSearch(row.id, row.account, row.title, row.query, row.created_at)
