"""What other slices may know about sources."""

from connectory.access.rules import Reviewer
from connectory.sources import store
from connectory.work import Work


def sign_offs(work: Work, name: str) -> tuple[Reviewer, ...]:
    """Return as whose sign-off a merge into the branch of a source counts; mostly nobody's."""
    found = store.source(work, name)
    return found.sign_offs if found else ()
