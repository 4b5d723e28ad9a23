"""The metrics of an instance: lines over time, numbers of now, alerts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spark:
    """A small line of what was, with what is now in words.

    `points` is a polyline in a box of 240 by 48; empty where there is no line to draw yet.
    """

    title: str
    value: str  # the last one, with its unit
    range: str  # the least and the most, in words
    points: str
    labels: str = ""


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One number that the instance reports."""

    name: str
    labels: str
    value: str
    help: str


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert: when it fires, in words and in PromQL. `trouble` says why it never does."""

    name: str
    when: str
    severity: str
    expr: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Monitoring:
    """What the tab Metrics shows."""

    sparks: tuple[Spark, ...] = ()
    rows: tuple[MetricRow, ...] = ()
    alerts: tuple[AlertRow, ...] = ()
    refused: int = 0  # series that were not kept
    span: str = "1d"
    spans: tuple[tuple[str, str], ...] = (
        ("1h", "1 hour"),
        ("1d", "1 day"),
        ("7d", "7 days"),
        ("30d", "30 days"),
    )


NOTHING_YET = Monitoring()
