"""Delete runs that are older than they are kept."""

from datetime import timedelta

from connectory.runs import store
from connectory.work import Work

SOME = 1_000  # in one transaction, so that no other writer waits for long


def prune(work: Work, *, days: int) -> bool:
    """Delete some old runs with their inputs; return whether there may be more.

    Those that wait to be delivered stay, however old they are.
    """
    return store.prune(work, work.now - timedelta(days=days), SOME) == SOME
