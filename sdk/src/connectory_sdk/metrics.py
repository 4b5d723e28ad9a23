"""Prometheus metrics: counters, gauges, histograms, and their text exposition (0.0.4)."""

import bisect
import math
import re
import threading
from collections.abc import Iterator, Sequence
from typing import TypeVar

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*")
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

Labels = tuple[str, ...]


class Metric:
    """A named family of series, one for each combination of label values.

    Raises:
        ValueError: If the name or a label is not one that Prometheus accepts, or if a series
            is addressed with other labels than the metric has; both are bugs of the caller.
    """

    kind = "untyped"

    def __init__(self, name: str, help_text: str, labels: Sequence[str] = ()) -> None:
        if not NAME.fullmatch(name) or not all(LABEL.fullmatch(label) for label in labels):
            raise ValueError(f"{name}{list(labels)} is not a valid metric name with labels")
        self.name = name
        self._help = help_text
        self._labels = tuple(labels)
        self._lock = threading.Lock()

    def lines(self) -> Iterator[str]:
        """Give the lines of this family."""
        escaped = self._help.replace("\\", r"\\").replace("\n", r"\n")
        yield f"# HELP {self.name} {escaped}"
        yield f"# TYPE {self.name} {self.kind}"
        yield from self._samples()

    def _samples(self) -> Iterator[str]:
        yield from ()

    def _key(self, labels: dict[str, str]) -> Labels:
        if labels.keys() != set(self._labels):
            raise ValueError(f"{self.name} has the labels {list(self._labels)}")
        return tuple(str(labels[name]) for name in self._labels)

    def _sample(self, suffix: str, key: Labels, value: float, le: float | None = None) -> str:
        pairs = [
            f'{name}="{_escape(text)}"' for name, text in zip(self._labels, key, strict=True)
        ]
        if le is not None:
            pairs.append(f'le="{_number(le)}"')
        labels = f"{{{','.join(pairs)}}}" if pairs else ""
        return f"{self.name}{suffix}{labels} {_number(value)}"


class _Valued(Metric):
    """A metric whose series are one number each."""

    def __init__(self, name: str, help_text: str, labels: Sequence[str] = ()) -> None:
        super().__init__(name, help_text, labels)
        self._values: dict[Labels, float] = {} if labels else {(): 0.0}

    def value(self, **labels: str) -> float:
        """Return the current value of one series; 0 when it was never touched."""
        return self._values.get(self._key(labels), 0.0)

    def _add(self, amount: float, labels: dict[str, str]) -> None:
        key = self._key(labels)
        with self._lock:
            self._values[key] = self._values.get(key, 0.0) + amount

    def _samples(self) -> Iterator[str]:
        with self._lock:
            values = sorted(self._values.items())
        for key, value in values:
            yield self._sample("", key, value)


class Counter(_Valued):
    """A number that only grows; its name ends in `_total`."""

    kind = "counter"

    def inc(self, amount: float = 1.0, /, **labels: str) -> None:
        """Add to one series.

        Raises:
            ValueError: If the amount is negative.
        """
        if amount < 0:
            raise ValueError(f"{self.name} cannot shrink")
        self._add(amount, labels)


class Gauge(_Valued):
    """A number that goes up and down."""

    kind = "gauge"

    def set(self, value: float, /, **labels: str) -> None:
        """Set one series."""
        key = self._key(labels)
        with self._lock:
            self._values[key] = value

    def inc(self, amount: float = 1.0, /, **labels: str) -> None:
        """Add to one series; a negative amount takes away."""
        self._add(amount, labels)


class Histogram(Metric):
    """Counts of observations below given bounds, with their sum."""

    kind = "histogram"

    def __init__(
        self,
        name: str,
        help_text: str,
        labels: Sequence[str] = (),
        *,
        bounds: Sequence[float] = SECONDS,
    ) -> None:
        super().__init__(name, help_text, labels)
        if "le" in labels or list(bounds) != sorted(set(bounds)):
            raise ValueError(f"{name} needs rising bounds and no label called le")
        self._bounds = (*bounds, math.inf)
        self._series: dict[Labels, tuple[list[int], float]] = {}

    def observe(self, value: float, /, **labels: str) -> None:
        """Count one observation."""
        key = self._key(labels)
        with self._lock:
            counts, total = self._series.get(key) or ([0] * len(self._bounds), 0.0)
            counts[bisect.bisect_left(self._bounds, value)] += 1
            self._series[key] = (counts, total + value)

    def _samples(self) -> Iterator[str]:
        with self._lock:
            series = sorted(
                (key, list(counts), total) for key, (counts, total) in self._series.items()
            )
        for key, counts, total in series:
            so_far = 0
            for bound, count in zip(self._bounds, counts, strict=True):
                so_far += count
                yield self._sample("_bucket", key, so_far, bound)
            yield self._sample("_sum", key, total)
            yield self._sample("_count", key, so_far)


Kind = TypeVar("Kind", bound=Metric)


class Registry:
    """All metrics of a process, by name."""

    def __init__(self) -> None:
        self._metrics: dict[str, Metric] = {}

    def add(self, metric: Kind) -> Kind:
        """Serve this metric.

        Raises:
            ValueError: If another one has its name.
        """
        if metric.name in self._metrics:
            raise ValueError(f"there is already a metric {metric.name}")
        self._metrics[metric.name] = metric
        return metric

    def text(self) -> str:
        """Return the exposition of all metrics."""
        families = (line for metric in self._metrics.values() for line in metric.lines())
        return "".join(f"{line}\n" for line in families)


METRICS = Registry()
"""What `GET /metrics` serves."""


def counter(name: str, help_text: str, labels: Sequence[str] = ()) -> Counter:
    """Create a counter and serve it."""
    return METRICS.add(Counter(name, help_text, labels))


def gauge(name: str, help_text: str, labels: Sequence[str] = ()) -> Gauge:
    """Create a gauge and serve it."""
    return METRICS.add(Gauge(name, help_text, labels))


def histogram(
    name: str, help_text: str, labels: Sequence[str] = (), *, bounds: Sequence[float] = SECONDS
) -> Histogram:
    """Create a histogram and serve it."""
    return METRICS.add(Histogram(name, help_text, labels, bounds=bounds))


def _escape(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) else repr(value)
