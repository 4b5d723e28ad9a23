"""The numbers of the server itself: requests by route, how long they took, what runs beside."""

import bisect
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from fastapi.routing import APIRoute
from starlette.datastructures import State
from starlette.types import ASGIApp, Receive, Scope, Send

from connectory import __version__
from connectory.instances import read as instances
from connectory.monitoring.exposition import Sample, written
from connectory.operations import read as operations
from connectory.work import seal

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # seconds
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
OTHER = "other"  # what no route answered: refused before, kept answers, unknown paths
ROUTE = "route"
REQUESTS = "connectory_requests_total"
SECONDS = "connectory_request_seconds"


@dataclass(frozen=True, slots=True)
class Named:
    """ASGI middleware right around the application: remembers which route answered."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; the state of its scope is shared with the layers around."""
        try:
            await self.app(scope, receive, send)
        finally:
            route = scope.get(ROUTE)
            if isinstance(route, APIRoute):
                scope["state"][ROUTE] = route.path


@dataclass(slots=True)
class Requests:
    """Counts requests. As many series as there are routes, however many paths are asked for."""

    _counts: dict[tuple[str, str, int], int] = field(default_factory=dict)
    _times: dict[str, list[float]] = field(default_factory=dict)  # by bound, sum at the end
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request that was answered with a status, 0 if with none."""
        method = scope["method"] if scope["method"] in METHODS else OTHER
        route = scope["state"].get(ROUTE, OTHER)
        key = (method, route, status)
        with self._lock:
            self._counts[key] = self._counts.get(key, 0) + 1
            times = self._times.setdefault(route, [0.0] * (len(BOUNDS) + 2))
            times[bisect.bisect_left(BOUNDS, seconds)] += 1
            times[-1] += seconds

    def samples(self) -> Iterator[Sample]:
        """Give what was counted."""
        with self._lock:
            counts = sorted(self._counts.items())
            times = sorted((route, list(each)) for route, each in self._times.items())
        for (method, route, status), count in counts:
            labels = {"method": method, ROUTE: route, "status": str(status)}
            yield Sample(REQUESTS, labels, float(count), "Requests answered.", "counter")
        for route, (*each, total) in times:
            yield from _histogram({ROUTE: route}, each, total)


def _histogram(labels: dict[str, str], counts: list[float], total: float) -> Iterator[Sample]:
    told = "Seconds until a request was answered."
    so_far = 0.0
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
        so_far += count
        bucket = {**labels, "le": bound}
        yield Sample(f"{SECONDS}_bucket", bucket, so_far, told, "histogram")
    yield Sample(f"{SECONDS}_sum", labels, total, told, "histogram")
    yield Sample(f"{SECONDS}_count", labels, so_far, told, "histogram")


def text(state: State) -> str:
    """Return all numbers of the server in the Prometheus text format."""
    return written([*_server(state), *state.requests.samples()])


def _server(state: State) -> Iterator[Sample]:
    build = {"version": __version__}
    yield Sample("connectory_build_info", build, 1.0, "The release that runs.", "gauge")
    for loop in state.jobs.loops:
        told = "Failed turns of background work."
        labels = {"loop": loop.name}
        yield Sample(
            "connectory_loop_failures_total", labels, float(loop.failures), told, "counter"
        )
    with state.works.read() as work:
        health = instances.health_numbers(work)
        waiting = operations.numbers(work)
        behind = seal.behind(work.db)
    for status in instances.HealthWord:
        told, many = "Instances by how they are doing.", float(health.get(status, 0))
        yield Sample("connectory_instances", {"health": status}, many, told, "gauge")
    for state_word, many in sorted(waiting.items()):
        told = "Operations that are not over."
        yield Sample("connectory_operations", {"state": state_word}, float(many), told, "gauge")
    told = "Events of the log that are not sealed yet."
    yield Sample("connectory_unsealed_events", {}, float(behind), told, "gauge")
    told = "Metrics that could not be pushed."
    pushes = float(state.push.failures)
    yield Sample("connectory_push_failures_total", {}, pushes, told, "counter")
