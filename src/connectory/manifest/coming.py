"""The schedules of a connector, with the times that come next. Pure."""

from dataclasses import dataclass
from datetime import datetime

from connectory.manifest.model import Manifest
from connectory.manifest.ticks import in_words, upcoming


@dataclass(frozen=True, slots=True)
class Coming:
    """One schedule. `name` is the cron line with its zone, unique in a manifest."""

    name: str
    cron: str
    zone: str
    words: str  # `at 07:00 every day`
    jitter_s: int  # the longest delay of a run
    makes_up: bool  # whether one run makes up for those that were missed
    ticks: tuple[datetime, ...]  # the next ones, in UTC


def coming(manifest: Manifest, after: datetime) -> tuple[Coming, ...]:
    """Return the schedules of a manifest, each with its next ticks behind a moment."""
    return tuple(
        Coming(
            name=each.schedule,
            cron=each.cron,
            zone=each.zone,
            words=in_words(each.cron),
            jitter_s=each.jitter_s,
            makes_up=each.makes_up,
            ticks=upcoming(each.cron, each.zone, after),
        )
        for each in manifest.triggers
        if each.cron and each.schedule
    )
