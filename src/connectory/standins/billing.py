"""Plays the part of AWS Cost Explorer that connectors use: `GetCostAndUsage`, in AWS JSON 1.1.

    POST /        X-Amz-Target: AWSInsightsIndexService.GetCostAndUsage, signed with version 4

It checks the signature as AWS does (`connectory.standins.sigv4`), groups by service or by tag,
and answers ten days per page. Until somebody seeds costs it has a small account that spends
the same every day, so that a demo works on any date.

    POST /_costs  {"unit": "USD", "costs": [{"day": "2026-11-01", "service": "Amazon S3",
                  "amount": "5.25", "tags": {"team": "payments"}}]}: take the place of all costs
"""

import base64
import binascii
import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from http import HTTPStatus

from connectory.kernel import clock
from connectory.standins import sigv4
from connectory.standins.serving import Answer, Call, RateLimit, refused

ACCESS_KEY_ID = "AKIADEMOCONNECTORY00"
SECRET_ACCESS_KEY = "demo-secret-access-key-of-connectory"  # noqa: S105  opens only this stand-in
TARGET = "AWSInsightsIndexService.GetCostAndUsage"
METRICS = frozenset({"AmortizedCost", "BlendedCost", "NetUnblendedCost", "UnblendedCost"})
MOST_GROUPINGS = 2
PAGE = 10  # days
CALLS_PER_S = 50  # per key; the real limit is lower
EVERY_DAY = (
    ("Amazon Elastic Compute Cloud - Compute", "21.40", "payments"),
    ("Amazon Relational Database Service", "9.75", "payments"),
    ("Amazon Simple Storage Service", "1.35", "bizops"),
)
Request = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one service cost on one day."""

    day: date
    service: str
    amount: Decimal
    tags: Mapping[str, str] = field(default_factory=dict)

    def value(self, grouping: Mapping[str, object]) -> str:
        """Return its group: the service, or `key$value` as Cost Explorer names tags."""
        key = str(grouping.get("Key"))
        return self.service if key == "SERVICE" else f"{key}${self.tags.get(key, '')}"


class _AwsError(Exception):
    """Ends a request with `__type`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Billing:
    """One AWS account, kept in memory."""

    def __init__(self, calls_per_s: int = CALLS_PER_S) -> None:
        self._limit = RateLimit(calls_per_s)
        self._lock = threading.Lock()
        self._asked: list[dict[str, object]] = []
        self._unit = "USD"
        self._costs: tuple[Cost, ...] | None = None  # None: the same every day

    def answer(self, call: Call) -> Answer:
        """Answer a request for costs, or take new ones."""
        if (call.method, call.path) == ("POST", "/_costs"):
            return self._seed(call)
        try:
            return Answer(HTTPStatus.OK, self._call(call))
        except _AwsError as error:
            return _failed(HTTPStatus.BAD_REQUEST, error.code, str(error))

    def failure(self, status: int, error: str, retry_after: int) -> Answer:  # noqa: ARG002  AWS says no time
        """Return a failure as AWS words it."""
        usual = "ThrottlingException" if status < HTTPStatus.INTERNAL_SERVER_ERROR else ""
        return _failed(status, error or usual or "InternalFailure", "failed as it was told to")

    def received(self) -> list[dict[str, object]]:
        """Return the requests that were answered with costs, oldest first."""
        with self._lock:
            return list(self._asked)

    def forget(self) -> None:
        """Forget the requests; costs stay."""
        with self._lock:
            self._asked.clear()

    def close(self) -> None:
        """Nothing goes on in the background."""

    def _call(self, call: Call) -> dict[str, object]:
        trouble = sigv4.trouble(call, ACCESS_KEY_ID, SECRET_ACCESS_KEY)
        if trouble:
            raise _AwsError(*trouble)
        if not self._limit.allows(ACCESS_KEY_ID):
            raise _AwsError("LimitExceededException", "Rate exceeded")
        if call.headers.get("x-amz-target") != TARGET:
            raise _AwsError("UnknownOperationException", "this is no operation of it")
        try:
            asked = call.object()
        except ValueError:
            raise _AwsError("SerializationException", "the body is not JSON") from None
        answer = self._page(asked)
        with self._lock:
            self._asked.append({**asked, "at": clock.rfc3339(clock.now())})
        return answer

    def _page(self, asked: Request) -> dict[str, object]:
        days, metrics, groupings = _days(asked), _metrics(asked), _groupings(asked)
        start = _offset(asked)
        rows = [self._row(day, metrics, groupings) for day in days[start : start + PAGE]]
        answer: dict[str, object] = {
            "ResultsByTime": rows,
            "GroupDefinitions": groupings,
            "DimensionValueAttributes": [],
        }
        if start + PAGE < len(days):
            answer["NextPageToken"] = _token(asked, start + PAGE)
        return answer

    def _row(
        self, day: date, metrics: list[str], groupings: list[dict[str, object]]
    ) -> dict[str, object]:
        sums: dict[tuple[str, ...], Decimal] = {}
        for cost in self._costs_of(day):
            group = tuple(cost.value(one) for one in groupings)
            sums[group] = sums.get(group, Decimal(0)) + cost.amount
        period = {"Start": str(day), "End": str(day + timedelta(days=1))}
        total = {} if groupings else self._amounts(sums.get((), Decimal(0)), metrics)
        groups = [
            {"Keys": list(keys), "Metrics": self._amounts(amount, metrics)}
            for keys, amount in sorted(sums.items())
            if groupings
        ]
        is_open = day >= clock.now().date() - timedelta(days=1)
        return {"TimePeriod": period, "Total": total, "Groups": groups, "Estimated": is_open}

    def _amounts(self, amount: Decimal, metrics: list[str]) -> dict[str, object]:
        return {metric: {"Amount": str(amount), "Unit": self._unit} for metric in metrics}

    def _costs_of(self, day: date) -> Iterator[Cost]:
        with self._lock:
            seeded = self._costs
        if seeded is not None:
            yield from (cost for cost in seeded if cost.day == day)
        elif day <= clock.now().date():
            for service, amount, team in EVERY_DAY:
                yield Cost(day, service, Decimal(amount), {"team": team})

    def _seed(self, call: Call) -> Answer:
        try:
            given = call.object()
            costs = tuple(_cost(one) for one in _maps(given.get("costs")))
        except (ValueError, InvalidOperation) as error:
            return refused(HTTPStatus.UNPROCESSABLE_ENTITY, f"costs cannot be read: {error}")
        with self._lock:
            self._unit = str(given.get("unit", "USD"))
            self._costs = costs
        return Answer(HTTPStatus.OK, {"costs": len(costs)})


def _failed(status: int, code: str, message: str) -> Answer:
    return Answer(status, {"__type": code, "Message": message, "message": message})


def _cost(given: Mapping[str, object]) -> Cost:
    tags = given.get("tags") or {}
    if not isinstance(tags, dict):
        raise ValueError("tags are a map")  # noqa: TRY004  one kind for one trouble
    day = date.fromisoformat(str(given.get("day")))
    named = {str(key): str(value) for key, value in tags.items()}
    return Cost(day, str(given.get("service")), Decimal(str(given.get("amount"))), named)


def _days(asked: Request) -> list[date]:
    if asked.get("Granularity") != "DAILY":
        raise _AwsError("ValidationException", "only the granularity DAILY is played here")
    period = asked.get("TimePeriod")
    try:
        named = period if isinstance(period, dict) else {}
        start, end = (date.fromisoformat(str(named.get(name))) for name in ("Start", "End"))
    except ValueError:
        raise _AwsError("ValidationException", "TimePeriod needs the days Start, End") from None
    if start >= end:
        message = "Start date (and hour) should be before end date (and hour)"
        raise _AwsError("ValidationException", message)
    return [start + timedelta(days=passed) for passed in range((end - start).days)]


def _metrics(asked: Request) -> list[str]:
    metrics = [one for one in _list(asked.get("Metrics")) if isinstance(one, str)]
    if not metrics or not set(metrics) <= METRICS:
        raise _AwsError("ValidationException", f"Metrics are some of {sorted(METRICS)}")
    return metrics


def _groupings(asked: Request) -> list[dict[str, object]]:
    groupings = _maps(asked.get("GroupBy"))
    kinds = {(one.get("Type"), one.get("Type") == "TAG" or one.get("Key")) for one in groupings}
    if len(groupings) > MOST_GROUPINGS or not kinds <= {
        ("DIMENSION", "SERVICE"),
        ("TAG", True),
    }:
        raise _AwsError("ValidationException", "GroupBy is by SERVICE or by a TAG, two at most")
    return groupings


def _offset(asked: Request) -> int:
    token = asked.get("NextPageToken")
    if token is None:
        return 0
    try:
        offset = int(base64.b64decode(str(token), validate=True).partition(b".")[0])
    except (binascii.Error, ValueError):
        offset = -1
    if offset < 0 or token != _token(asked, offset):
        raise _AwsError("InvalidNextTokenException", "the token is not of this request")
    return offset


def _token(asked: Request, offset: int) -> str:
    """Return a token that is good for this request only."""
    same = {name: value for name, value in asked.items() if name != "NextPageToken"}
    about = hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()
    return base64.b64encode(f"{offset}.{about}".encode()).decode()


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _maps(value: object) -> list[dict[str, object]]:
    return [one for one in _list(value) if isinstance(one, dict)]
