"""The JSON of schedules and the times that come next."""

from pydantic import BaseModel

from connectory.kernel.clock import rfc3339
from connectory.manifest.coming import Coming
from connectory.manifest.ticks import local


class TickView(BaseModel):
    """A time of a schedule, and what the clock of its zone shows then."""

    at: str
    local: str


class ComingView(BaseModel):
    """A schedule and its next times. A run begins up to `jitter_s` seconds later."""

    name: str
    cron: str
    timezone: str
    words: str
    jitter_s: int
    misfire: str
    next: list[TickView]


def coming_view(one: Coming) -> ComingView:
    """Describe a schedule."""
    return ComingView(
        name=one.name,
        cron=one.cron,
        timezone=one.zone,
        words=one.words,
        jitter_s=one.jitter_s,
        misfire="once" if one.makes_up else "skip",
        next=[TickView(at=rfc3339(tick), local=local(tick, one.zone)) for tick in one.ticks],
    )
