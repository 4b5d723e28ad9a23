"""Keep less of what is older: all for a day or so, then 5 minutes in one, then an hour."""

from itertools import groupby

from connectory.monitoring import store
from connectory.monitoring.points import growth, thinned
from connectory.monitoring.store import Row
from connectory.settings import Settings
from connectory.work import Work

RAW, FINE, COARSE = 0, 300, 3600  # seconds that one row is about; 0: a moment
HOUR, DAY = 3600, 86_400
FINE_DAYS = 7
MOST_WINDOWS = 50  # in one turn: after a long pause the rest comes in the next


def thin(work: Work, settings: Settings) -> None:
    """Sum up the steps that are over, and delete what was kept for long enough."""
    now = int(work.now.timestamp())
    if _sum_up(work, RAW, FINE, now):
        _sum_up(work, FINE, COARSE, now)
        store.prune(work, RAW, now - settings.metrics_raw_hours * HOUR)
        store.prune(work, FINE, now - min(FINE_DAYS, settings.metrics_days) * DAY)
        store.prune(work, COARSE, now - settings.metrics_days * DAY)


def source(age: int, settings: Settings) -> int:
    """Return the finest step of which there are rows as old as `age` seconds."""
    if age <= settings.metrics_raw_hours * HOUR:
        return RAW
    return FINE if age <= FINE_DAYS * DAY else COARSE


def _sum_up(work: Work, step: int, into: int, now: int) -> bool:
    """Sum up rows of a step; return whether there was something to do.

    The last sum says where to go on, so nothing is summed up twice.
    """
    last, newest = store.last(work, into), store.last(work, step)
    first = store.first(work, step, since=0 if last is None else last + into)
    if first is None or newest is None:
        return False
    begin = first // into * into
    over = now if step == RAW else newest + step
    end = min(over // into * into, begin + MOST_WINDOWS * into)
    if begin >= end:
        return False
    found = store.rows(work, step, begin - (FINE if step == RAW else 0), end)
    store.add_rows(work, _sums(work, found, step, begin, into))
    return True


def _sums(work: Work, found: list[Row], step: int, begin: int, into: int) -> list[Row]:
    names = {row.instance for row in found}
    kinds = {
        instance: {one.number: one.kind for one in each}
        for instance, each in store.series(work, names).items()
    }
    sums: list[Row] = []
    for instance, group in groupby(found, lambda row: row.instance):
        rows, of = list(group), kinds.get(instance, {})
        grown = growth(rows, of) if step == RAW else rows
        sums += thinned((row for row in grown if row.at >= begin), of, into)
    return sums
