"""Put together what the tab Metrics of an instance shows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from connectory.monitoring.exposition import Report, labels_text
from connectory.monitoring.points import COUNTER, Point
from connectory.monitoring.prometheus import expression
from connectory.monitoring.read import Line
from connectory.monitoring.rules import Alerts
from connectory.monitoring.scraper import ERRORS, OUTCOME, RUNS
from connectory.web.pages.monitoring import AlertRow, MetricRow, Monitoring, Spark

SPANS = {
    "1h": timedelta(hours=1),
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
USUAL_SPAN = "1d"
MOST_SPARKS = 24
SECONDS = "connector_run_seconds"
KNOWN = ("connector_run", "connectory_", "process_", "python_")
WIDTH, HEIGHT, EDGE = 240, 48, 2
MEGABYTE = 1_000_000

Values = dict[int, float]  # moment -> value


@dataclass(frozen=True, slots=True)
class Measure:
    """How the numbers of a spark are written."""

    title: str
    shown: Callable[[float], str]


RATE = Measure("Runs", lambda value: f"{value * 60:,.3g} per minute")
FAILED = Measure("Errors", lambda value: f"{value * 60:,.3g} per minute")
LATENCY = Measure("Mean duration of a run", lambda value: f"{value:,.3g} s")
MEMORY = Measure("Memory", lambda value: f"{value / MEGABYTE:,.1f} MB")
CPU = Measure("Processor", lambda value: f"{value:.1%}")


def monitoring(
    lines: tuple[Line, ...], report: Report | None, alerts: Alerts, span: str
) -> Monitoring:
    """Return what the tab shows."""
    told = report or Report()
    return Monitoring(
        sparks=(*_usual(lines), *_own(lines)),
        rows=tuple(
            MetricRow(one.name, labels_text(one.labels)[1:-1], f"{one.value:,.10g}", one.help)
            for one in told.samples
            if not one.is_bucket
        ),
        alerts=(*_rules(alerts), *_untranslated(alerts)),
        refused=told.refused,
        span=span,
    )


def _usual(lines: tuple[Line, ...]) -> list[Spark]:
    """Draw what every connector has."""
    runs = _sum(line for line in lines if line.name == RUNS)
    failed = _sum(
        line for line in lines if line.name == RUNS and line.labels.get(OUTCOME) in ERRORS
    )
    spent = _sum(line for line in lines if line.name == f"{SECONDS}_sum")
    count = _sum(line for line in lines if line.name == f"{SECONDS}_count")
    means = {at: spent[at] / number for at, number in count.items() if number and at in spent}
    drawn = (
        (RATE, runs),
        (FAILED, {at: failed.get(at, 0.0) for at in runs}),
        (LATENCY, means),
        (MEMORY, _sum(line for line in lines if line.name == "process_resident_memory_bytes")),
        (CPU, _sum(line for line in lines if line.name == "process_cpu_seconds_total")),
    )
    return [spark(measure, values) for measure, values in drawn if values]


def _own(lines: tuple[Line, ...]) -> list[Spark]:
    """Draw what this connector counts beside that."""
    own = [line for line in lines if not line.name.startswith(KNOWN)]
    return [
        spark(_measure(line), _sum([line]), labels_text(line.labels)[1:-1])
        for line in own[:MOST_SPARKS]
    ]


def _measure(line: Line) -> Measure:
    if line.kind == COUNTER:
        return Measure(line.name, RATE.shown)
    return Measure(line.name, lambda value: f"{value:,.6g}")


def _sum(lines: Iterable[Line]) -> Values:
    total: Values = {}
    for line in lines:
        for point in line.points:
            total[point.at] = total.get(point.at, 0.0) + point.value
    return total


def spark(measure: Measure, values: Values, labels: str = "") -> Spark:
    """Draw values; they are not empty."""
    points = [Point(at, value) for at, value in sorted(values.items())]
    low, high = (measure.shown(pick(one.value for one in points)) for pick in (min, max))
    return Spark(
        title=measure.title,
        value=measure.shown(points[-1].value),
        range=f"between {low} and {high}" if low != high else f"always {low}",
        points=polyline(points) if len(points) > 1 else "",
        labels=labels,
    )


def polyline(points: list[Point]) -> str:
    """Return the points of an SVG line in a box of 240 by 48; nothing is at the bottom."""
    first, last = points[0].at, points[-1].at
    low = min(0.0, *(one.value for one in points))
    high = max(one.value for one in points)
    tall = (high - low) or 1.0
    return " ".join(
        f"{(one.at - first) / (last - first) * WIDTH:.1f},"
        f"{HEIGHT - EDGE - (one.value - low) / tall * (HEIGHT - 2 * EDGE):.1f}"
        for one in points
    )


def _rules(alerts: Alerts) -> list[AlertRow]:
    return [
        AlertRow(
            one.name,
            one.when or one.summary,
            one.severity,
            expression(one.condition, alerts.instance),
        )
        for one in alerts.rules
    ]


def _untranslated(alerts: Alerts) -> list[AlertRow]:
    return [AlertRow(one.name, one.when, "", trouble=one.reason) for one in alerts.untranslated]
