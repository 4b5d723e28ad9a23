"""What other slices may know about sources."""

from connectory.access.rules import Reviewer
from connectory.sources import store
from connectory.sources.rules import Sync
from connectory.work import Work


def sign_offs(work: Work, name: str) -> tuple[Reviewer, ...]:
    """Return as whose sign-off a merge into the branch of a source counts; mostly nobody's."""
    found = store.source(work, name)
    return found.sign_offs if found else ()


def syncs(work: Work, name: str, limit: int) -> list[Sync]:
    """Return the pulls of a source, newest first."""
    return store.syncs(work, name, limit)
