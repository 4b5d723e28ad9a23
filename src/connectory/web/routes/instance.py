"""GET /t/…/i/…: one instance, and removing it."""

from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from connectory.access.actors import TeamMember, TeamViewer
from connectory.access.edge import Opener, Opening
from connectory.access.rules import Actor, Role
from connectory.backends.targets import Target
from connectory.catalog.read import Version
from connectory.instances import change, history, outdated, quarantined, read
from connectory.instances.crew import Crew
from connectory.instances.history import Entry
from connectory.instances.logs import fits
from connectory.instances.plan import removal_of
from connectory.instances.quarantined import StopView
from connectory.instances.read import Health, Instance
from connectory.instances.rules import InstanceState, SecretState, as_text
from connectory.instances.show_hooks import hooks_with_key
from connectory.instances.views import hook_urls
from connectory.kernel.clock import parse_rfc3339
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.monitoring import read as monitoring
from connectory.monitoring.read import Span
from connectory.observed import read as observations
from connectory.operations import read as operations
from connectory.operations.read import Wanted
from connectory.runs import read as runs
from connectory.runs.read import Wanted as RunsWanted
from connectory.schedules.read import schedules
from connectory.settings import Settings
from connectory.web.answering import (
    REFUSED,
    Entered,
    see_other,
    sentence,
    show,
    trouble_of,
)
from connectory.web.pages.install import SettingRow
from connectory.web.pages.instance import InstancePage, RemovePage, Stop, VersionRow
from connectory.web.pages.monitoring import Monitoring
from connectory.web.pages.upgrade import TurnPage
from connectory.web.parts import Fact, LogLineView, SecretNeed, Trouble
from connectory.web.render import short_digest
from connectory.web.routes import monitored, observed
from connectory.web.routes.activity import told
from connectory.web.routes.log_lines import line_of
from connectory.web.routes.operations import row_of
from connectory.web.routes.runs import row_of as run_row
from connectory.web.routes.schedules import standing_row
from connectory.web.routes.upgrade import difference
from connectory.web.sheets import twins_of
from connectory.work import log

router = APIRouter(include_in_schema=False)

PAGE = "/t/{team}/i/{name}"
LINES = 500
OPERATIONS = 10
RUNS = 50
ENTRIES = 50


class ChangeUnknownError(ConnectoryError):
    """A form asks for a change of an instance that does not exist."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "change-unknown"

    def __init__(self, change_asked: str) -> None:
        super().__init__(
            f"there is no change `{change_asked[:40]}`",
            hint=f"use one of: {', '.join(change.NEEDED)}",
            field="kind",
        )


class Asked(BaseModel):
    """Which lines of the log the address asks for."""

    level: str = ""
    text: str = ""
    span: Literal["1h", "1d", "7d", "30d"] = "1d"


@router.get(PAGE)
def show_instance(
    request: Request,
    team: str,
    name: str,
    opener: Opening,
    by: TeamViewer,
    asked: Annotated[Asked, Query()],
) -> HTMLResponse:
    """Show an instance: how it is doing, what it says, what it counts, how it is set."""
    return show(request, _whole(request, opener, by, team, name, asked))


def _whole(
    request: Request, opener: Opener, by: Actor, team: str, name: str, asked: Asked
) -> InstancePage:
    crew: Crew = request.app.state.crew
    with opener.read() as work:
        one = read.instance(work, team, name)
        version = crew.launcher.version_of(work, one)
        wanted = Wanted(teams=frozenset({team}), resource=one.id, limit=OPERATIONS)
        ran = runs.runs(work, RunsWanted(one.id, limit=RUNS))
        dead = runs.dead_letters(work, one)
        rows = tuple(row_of(row) for row in operations.operations(work, wanted))
        versions = tuple(_past(entry) for entry in history.of(work, one))
        newer = outdated.newer(work, [one]).get(one.id, "")
        by_itself = schedules(work, crew, one)
        kept = read.kept_health(work, [one]).get(one.id)
        stop = _stop(quarantined.stop_of(work, one))
        happened = told(log.latest(work.db, ENTRIES, team=team, subject=one.label))
    target = crew.targets[one.target]
    seen = observations.of_instance(opener, crew, team, name)
    return replace(
        _page(one, version, read.health(crew.targets, one, kept), target),
        hook_urls=tuple(hook_urls(one, version.manifest, crew.launcher.url)),
        logs=_lines(target, one, asked),
        monitoring=_monitoring(request, opener, one, asked.span),
        schedules=tuple(standing_row(each, f"/t/{team}/i/{name}") for each in by_itself),
        observed=observed.part(seen, f"{PAGE.format(team=team, name=name)}/tighten"),
        versions=versions,
        newer=newer,
        former=one.former.version if one.former else "",
        operations=rows,
        runs=tuple(run_row(one, run) for run in ran),
        dead_letters=dead,
        twins=twins_of(f"/t/{team}/i/{name}/runs"),
        activity=happened,
        stop=stop,
        may_change=by.has_role(Role.MEMBER, team),
        level=asked.level,
        text=asked.text,
    )


def _stop(found: StopView | None) -> Stop | None:
    if found is None:
        return None
    return Stop(found.reason, found.by, parse_rfc3339(found.at), is_lifted=found.lifted)


def _monitoring(request: Request, opener: Opener, one: Instance, span: str) -> Monitoring:
    crew: Crew = request.app.state.crew
    settings: Settings = request.app.state.settings
    with opener.read() as work:
        asked = Span(work.now - monitored.SPANS[span])
        lines = monitoring.lines(work, one.id, asked, settings)
        alerts = monitoring.alerts_about(work, crew, one)
    report = monitoring.report(crew.target(one), one, settings)
    return monitored.monitoring(lines, report, alerts, span)


@router.post(PAGE + "/hooks")
def show_hooks(
    request: Request, team: str, name: str, opener: Opening, by: TeamMember
) -> HTMLResponse:
    """Show the instance with its hook addresses and their key this once."""
    urls = hooks_with_key(request.app.state.crew, opener, team, name)
    page = replace(
        _whole(request, opener, by, team, name, Asked()), hook_urls=urls, has_key=True
    )
    answer = show(request, page)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.get(PAGE + "/turn")
def ask_to_turn(
    request: Request, team: str, name: str, opener: Opening, by: TeamMember, kind: str = ""
) -> HTMLResponse:
    """Say what a change would do, and ask for it."""
    _require_known(kind)
    with opener.read() as work:
        found = change.preview(work, team, name, kind, request.app.state.recipes)
    return show(request, TurnPage(team, name, kind, sentence(found.effect), found.steps))


@router.post(PAGE + "/turn")
def turn(
    request: Request, team: str, name: str, entered: Entered, opener: Opening, by: TeamMember
) -> Response:
    """Begin to pause, resume, restart or rotate the instance, as the button says."""
    kind = entered.get("kind", "")
    _require_known(kind)
    with opener.write() as work:
        begun = change.turn(work, team, name, kind, request.app.state.recipes)
    return see_other(f"/operations/{begun.operation}")


@router.get(PAGE + "/remove")
def ask_to_remove(
    request: Request, team: str, name: str, opener: Opening, by: TeamMember
) -> HTMLResponse:
    """Say what a removal takes with it and ask for the name."""
    return show(request, _removal(request, opener, team, name))


@router.post(PAGE + "/remove")
def remove(
    request: Request, team: str, name: str, entered: Entered, opener: Opening, by: TeamMember
) -> Response:
    """Begin the removal when the name was typed."""
    typed = entered.get("confirm", "").strip()
    if typed != name:
        wrong = f"“{typed}” is not the name of this instance" if typed else "No name was typed"
        trouble = Trouble(wrong, f"Type {name}.", "f-confirm")
    else:
        try:
            with opener.write() as work:
                begun = change.remove(work, team, name, request.app.state.recipes)
            return see_other(f"/operations/{begun.operation}")
        except ConnectoryError as refused:
            trouble = trouble_of(refused)
    page = replace(_removal(request, opener, team, name), typed=typed, trouble=trouble)
    return show(request, page, REFUSED)


def _require_known(kind: str) -> None:
    if kind not in change.NEEDED:
        raise ChangeUnknownError(kind)


def _past(one: Entry) -> VersionRow:
    changes = tuple(difference(each) for each in one.changes)
    return VersionRow(one.version, one.kind, one.by, one.at, changes)


def _removal(request: Request, opener: Opener, team: str, name: str) -> RemovePage:
    crew: Crew = request.app.state.crew
    with opener.read() as work:
        one = read.instance(work, team, name)
        version = crew.launcher.version_of(work, one)
    return RemovePage(
        team=team,
        name=name,
        connector=one.connector.key,
        version=one.version,
        environment=one.environment,
        consequences=tuple(sentence(line) for line in removal_of(version)),
    )


def _page(one: Instance, version: Version, health: Health, target: Target) -> InstancePage:
    """Describe what is known of an instance without asking it."""
    titles = {each.name: each.label for each in version.manifest.inputs}
    about = {each.name: each.description or "" for each in version.manifest.secrets}
    return InstancePage(
        team=one.team,
        name=one.name,
        connector=one.connector.key,
        connector_url=f"/c/{one.connector.key}@{one.version}",
        version=one.version,
        environment=one.environment,
        state=one.state,
        health=health.status,
        health_since=health.since,
        health_reason=sentence(health.reason),
        facts=_facts(one, health, target),
        settings=tuple(
            SettingRow(name, titles.get(name, name), as_text(value), source)
            for name, (value, source) in one.settings.items()
        ),
        secrets=tuple(
            SecretNeed(name, about.get(name, ""), SecretState.RESOLVABLE, path)
            for name, path in one.secrets.items()
        ),
    )


def _facts(one: Instance, health: Health, target: Target) -> tuple[Fact, ...]:
    return (
        Fact("Target", ", ".join(filter(None, (one.target, one.region)))),
        Fact("Containment", "contained" if target.is_contained else "none on this machine"),
        Fact("CPU", "limited" if target.is_cpu_limited else "not limited on this machine"),
        Fact("Installed by", one.created_by),
        Fact("Restarts", str(health.restarts)),
        Fact("Digest", short_digest(one.digest), code=True),
        Fact("Id", one.id, code=True),
    )


def _lines(target: Target, one: Instance, asked: Asked) -> tuple[LogLineView, ...]:
    if one.state is InstanceState.REMOVING:
        return ()
    found = target.logs(one.id, after=-LINES, limit=LINES)
    return tuple(
        line_of(line) for line in found if fits(line, level=asked.level, text=asked.text)
    )
