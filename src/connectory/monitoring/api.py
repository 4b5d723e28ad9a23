"""HTTP: the numbers and alerts of instances, for people and for monitoring systems."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from connectory.access.actors import SignedIn, TeamViewer
from connectory.access.declared import of_type
from connectory.access.edge import Opener, Opening
from connectory.access.rules import Actor
from connectory.instances import read as instances
from connectory.instances.crew import Crew
from connectory.instances.read import STILL, Instance, Wanted
from connectory.instances.rules import InstanceState
from connectory.monitoring import dashboards, datadog, exposition, prometheus, read
from connectory.monitoring.exposition import Report
from connectory.monitoring.prometheus import duration, expression
from connectory.monitoring.read import Line, Span
from connectory.monitoring.rules import Alerts
from connectory.settings import Settings
from connectory.work import Work

router = APIRouter(tags=["monitoring"])

ONE = "/api/v1/teams/{team}/instances/{name}"
USUAL_SPAN = timedelta(hours=24)
LONGEST_STEP = 86_400
PAGE = 500
MONITORED = frozenset({InstanceState.RUNNING, *STILL})
YAML = "application/yaml"


class MetricFilters(BaseModel):
    """Which time to return: `since` a moment, in points of `step` seconds; 0 is what fits."""

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime | None = None
    step: int = Field(default=0, ge=0, le=LONGEST_STEP)


class SampleView(BaseModel):
    """One number that the instance reports."""

    name: str
    labels: dict[str, str]
    value: float
    help: str
    type: str


class SeriesView(BaseModel):
    """The kept values of one series: pairs of seconds since 1970 and value, oldest first.

    Of a counter the values are its growth per second.
    """

    name: str
    labels: dict[str, str]
    kind: str
    points: list[tuple[int, float]]


class SampleList(BaseModel):
    """The numbers that the instance reports now, and how they were before.

    `refused` series are beyond the limit of one instance, or not in the format.
    """

    items: list[SampleView]
    refused: int
    series: list[SeriesView]


class AlertView(BaseModel):
    """An alert of an instance: in the words of the manifest, and in PromQL."""

    name: str
    when: str
    severity: str
    summary: str
    expr: str
    lasting: str


class UntranslatedView(BaseModel):
    """An alert of the manifest that no rule could be made of."""

    name: str
    when: str
    reason: str


class AlertList(BaseModel):
    """The alerts of an instance, and those of its manifest that were not translated."""

    items: list[AlertView]
    not_translated: list[UntranslatedView]
    runbook: str
    oncall: str


class TargetGroup(BaseModel):
    """One instance, as Prometheus finds it."""

    targets: list[str]
    labels: dict[str, str]


@router.get(ONE + "/metrics")
def show_metrics(
    request: Request,
    team: str,
    name: str,
    opener: Opening,
    by: TeamViewer,
    asked: Annotated[MetricFilters, Query()],
) -> SampleList:
    """Return the numbers that the instance reports now, and what was kept of them."""
    settings: Settings = request.app.state.settings
    with opener.read() as work:
        one = instances.instance(work, team, name)
        span = Span(_since(asked, work.now), asked.step)
        lines = read.lines(work, one.id, span, settings)
    told = _report(request, one) or Report()
    return SampleList(
        items=[
            SampleView(
                name=s.name, labels=dict(s.labels), value=s.value, help=s.help, type=s.type
            )
            for s in told.samples
        ],
        refused=told.refused,
        series=[_series(line) for line in lines],
    )


@router.get(
    ONE + "/metrics/prometheus", response_class=Response, responses={**of_type("text/plain")}
)
def expose_metrics(
    request: Request, team: str, name: str, opener: Opening, by: TeamViewer
) -> Response:
    """Return the numbers of the instance, and its health, in the Prometheus text format."""
    with opener.read() as work:
        one = instances.instance(work, team, name)
        health = read.known_health(work, one)
    text = prometheus.text(one, health, _report(request, one))
    return Response(text, media_type=exposition.CONTENT_TYPE)


@router.get(ONE + "/alerts")
def show_alerts(
    request: Request, team: str, name: str, opener: Opening, by: TeamViewer
) -> AlertList:
    """Return the alerts of the instance, and which of its manifest were not translated."""
    with opener.read() as work:
        one = instances.instance(work, team, name)
        found = read.alerts_about(work, request.app.state.crew, one)
    return _alert_list(found)


@router.get("/sd/prometheus")
def discover(request: Request, opener: Opening, by: SignedIn) -> list[TargetGroup]:
    """List the instances that the caller may see, for Prometheus to scrape (`http_sd`)."""
    url = request.app.state.settings.url
    with opener.read() as work:
        found = list(_visible(work, by))
    return [TargetGroup.model_validate(one) for one in prometheus.targets(found, url)]


@router.get("/sd/rules.yml", response_class=Response, responses={**of_type(YAML)})
def show_rules(request: Request, opener: Opening, by: SignedIn) -> Response:
    """Return the alert rules of all instances that the caller may see, for Prometheus."""
    return Response(prometheus.rules(_all_alerts(request, opener, by)), media_type=YAML)


@router.get("/sd/datadog-monitors.json")
def show_monitors(request: Request, opener: Opening, by: SignedIn) -> list[dict[str, object]]:
    """Return the same alerts as monitors of Datadog."""
    return datadog.monitors(_all_alerts(request, opener, by))


@router.get("/sd/grafana.json")
def show_dashboard(by: SignedIn) -> dict[str, object]:
    """Return a Grafana dashboard of all instances."""
    return dashboards.grafana()


def _since(asked: MetricFilters, now: datetime) -> datetime:
    since = asked.since or now - USUAL_SPAN
    return min(max(since, now - timedelta(days=3660)), now)


def _report(request: Request, one: Instance) -> Report | None:
    state = request.app.state
    return read.report(state.crew.target(one), one, state.settings)


def _visible(work: Work, by: Actor) -> Iterator[Instance]:
    teams = None if by.is_admin else frozenset(by.teams)
    after = ("", "")
    while page := instances.instances(work, Wanted(teams, MONITORED, after, PAGE)):
        yield from page
        after = (page[-1].team, page[-1].name)


def _all_alerts(request: Request, opener: Opener, by: Actor) -> list[Alerts]:
    crew: Crew = request.app.state.crew
    with opener.read() as work:
        return read.alerts(work, crew, _visible(work, by))


def _series(line: Line) -> SeriesView:
    return SeriesView(
        name=line.name,
        labels=dict(line.labels),
        kind=line.kind,
        points=[(one.at, one.value) for one in line.points],
    )


def _alert_list(found: Alerts) -> AlertList:
    return AlertList(
        items=[
            AlertView(
                name=one.name,
                when=one.when,
                severity=one.severity,
                summary=one.summary,
                expr=expression(one.condition, found.instance),
                lasting=duration(one.condition.lasting_s),
            )
            for one in found.rules
        ],
        not_translated=[
            UntranslatedView(name=one.name, when=one.when, reason=one.reason)
            for one in found.untranslated
        ],
        runbook=found.runbook,
        oncall=found.oncall,
    )
