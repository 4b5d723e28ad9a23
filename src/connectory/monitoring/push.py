"""Send what was heard of instances to another monitoring system: OTLP over HTTP, as JSON."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from connectory.gates import http
from connectory.gates.http import Policy
from connectory.kernel.errors import ConnectoryError
from connectory.monitoring.exposition import Sample
from connectory.monitoring.prometheus import labels
from connectory.monitoring.scraper import Seen

LOG = logging.getLogger("connectory.push")
NANO = 1_000_000_000
CUMULATIVE = 2  # of OTLP: a counter says how much it was since its process began
POLICY = Policy(loopback=True, seconds=5)  # an agent on this machine, or a public https address


@dataclass(slots=True)
class Push:
    """Sends numbers to `url`, an address that the operator chose; nothing if it is empty.

    What could not be sent is lost, and the next turn sends newer numbers: counters lose
    nothing by it.
    """

    url: str
    clock: Callable[[], datetime]
    failures: int = 0

    def send(self, seen: Iterable[Seen]) -> None:
        """Send the numbers of these instances in one request."""
        if not self.url:
            return
        body = json.dumps(payload(seen, self.clock())).encode()
        headers = {"Content-Type": "application/json"}
        try:
            answer = http.fetch("POST", self.url, headers=headers, body=body, policy=POLICY)
        except ConnectoryError as failure:
            self._failed(failure.message)
            return
        if answer.status >= HTTPStatus.BAD_REQUEST:
            self._failed(f"it answers {answer.status}")

    def _failed(self, reason: str) -> None:
        self.failures += 1
        LOG.warning("metrics were not pushed: %s", reason)


def payload(seen: Iterable[Seen], now: datetime) -> dict[str, object]:
    """Return an OTLP request: each instance is a resource, each family of series a metric."""
    at = str(int(now.timestamp()) * NANO)
    return {"resourceMetrics": [_resource(each, at) for each in seen]}


def _resource(each: Seen, at: str) -> dict[str, object]:
    names = {**labels(each.instance), "service.name": each.instance.label}
    families: dict[str, list[Sample]] = {}
    for one in each.samples():
        if not one.is_bucket:
            families.setdefault(one.name, []).append(one)
    return {
        "resource": {"attributes": _attributes(names)},
        "scopeMetrics": [
            {
                "scope": {"name": "connectory"},
                "metrics": [_metric(name, family, at) for name, family in families.items()],
            }
        ],
    }


def _metric(name: str, family: list[Sample], at: str) -> dict[str, object]:
    first = family[0]
    points = {
        "dataPoints": [
            {"timeUnixNano": at, "asDouble": one.value, "attributes": _attributes(one.labels)}
            for one in family
        ]
    }
    known = {"name": name, "description": first.help}
    if not first.is_counter:
        return {**known, "gauge": points}
    return {
        **known,
        "sum": {**points, "aggregationTemporality": CUMULATIVE, "isMonotonic": True},
    }


def _attributes(values: Mapping[str, str]) -> list[dict[str, object]]:
    return [{"key": name, "value": {"stringValue": text}} for name, text in values.items()]
