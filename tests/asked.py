"""What is asked of the database while something happens."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from marketplaces import Marketplace

SIGNING_IN = re.compile(
    r"(?:FROM|UPDATE) (?:token|session|account|account_reviewer|team_member)\s"
)
"""Who asks is looked up at most once a second: for one list perhaps, and not for the next."""


@contextmanager
def queries(shop: Marketplace) -> Iterator[list[str]]:
    """Collect what is asked of the database within the block, beside who asks."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement != "BEGIN" and not SIGNING_IN.search(statement):
            asked.append(statement)

    event.listen(shop.state.works.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(shop.state.works.engine, "before_cursor_execute", note)
