"""What pages and routes may know about the numbers and alerts of instances."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from connectory.backends.targets import Target
from connectory.instances.crew import Crew
from connectory.instances.read import STILL, Health, HealthWord, Instance, kept_health
from connectory.instances.rules import InstanceState
from connectory.monitoring import store, thinning
from connectory.monitoring.exposition import Report
from connectory.monitoring.points import Point, growth, points, thinned
from connectory.monitoring.rules import Alerts, alerts_of
from connectory.monitoring.scraper import ask
from connectory.settings import Settings
from connectory.work import Work

MOST_POINTS = 500
USUAL_POINTS = 120


@dataclass(frozen=True, slots=True)
class Line:
    """The kept values of one series, oldest first; of a counter its growth per second."""

    name: str
    labels: Mapping[str, str]
    kind: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Which time is asked for, and how many seconds one point stands for; 0 is what fits."""

    since: datetime
    step: int = 0


def lines(work: Work, instance: str, span: Span, settings: Settings) -> tuple[Line, ...]:
    """Return what was kept of all series of an instance."""
    now, since = int(work.now.timestamp()), int(span.since.timestamp())
    source = thinning.source(now - since, settings)
    step = _step(now - since, span.step, source or settings.metrics_seconds)
    series = store.series(work, [instance]).get(instance, [])
    kinds = {one.number: one.kind for one in series}
    before = 0 if source else settings.metrics_seconds * 2
    found = iter(store.rows(work, source, since - before, now + 1, instance=instance))
    rows = thinned(found if source else growth(found, kinds), kinds, step)
    rows = [row for row in rows if row.at >= since // step * step]
    return tuple(
        Line(one.name, json.loads(one.labels), one.kind, tuple(line))
        for one in series
        if (line := points(rows, one.number, one.kind))
    )


def report(target: Target, one: Instance, settings: Settings) -> Report | None:
    """Ask an instance for its numbers now; None if it does not run or does not answer."""
    if one.state is not InstanceState.RUNNING:
        return None
    return ask(target, one.id, settings.metrics_series * 10)


def known_health(work: Work, one: Instance) -> Health:
    """Return how an instance is doing as far as is known without asking it."""
    if one.state in STILL:
        return Health(STILL[one.state], None, "", 0)
    nothing = Health(HealthWord.UNKNOWN, None, "", 0)
    return kept_health(work, [one]).get(one.id, nothing)


def alerts(work: Work, crew: Crew, instances: Iterable[Instance]) -> list[Alerts]:
    """Return the alerts of those instances that run."""
    running = (one for one in instances if one.state is InstanceState.RUNNING)
    return [alerts_about(work, crew, one) for one in running]


def alerts_about(work: Work, crew: Crew, one: Instance) -> Alerts:
    """Return the alerts of an instance, also while it is paused."""
    return alerts_of(one, crew.launcher.version_of(work, one), crew.launcher.url)


def _step(age: int, asked: int, least: int) -> int:
    """Return the seconds of a point: as asked, but not finer than kept and not too many."""
    wanted = max(asked, -(-age // MOST_POINTS)) if asked else -(-age // USUAL_POINTS)
    return -(-max(wanted, least) // least) * least
