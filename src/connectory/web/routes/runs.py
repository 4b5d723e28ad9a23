"""GET /t/…/i/…/runs/…: one run, and what can be done with it."""

from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from connectory.access.actors import TeamMember, TeamViewer
from connectory.access.edge import Opening, OpenWork, ReadWork
from connectory.access.rules import Role
from connectory.instances import read as instances
from connectory.instances.read import Instance
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.runs import read, steer
from connectory.runs.read import RunRow, Wanted
from connectory.runs.rules import Request as Given
from connectory.web.answering import see_other, show
from connectory.web.pages import runs as pages
from connectory.web.pages.runs import RunPage
from connectory.web.parts import Fact
from connectory.web.routes.log_lines import line_of
from connectory.web.sheets import Entry, Form, Sheet, answer

router = APIRouter(include_in_schema=False)

PAGE = "/t/{team}/i/{name}"
MOST = 1_000  # rows of a list for other programs
COLUMNS = (
    "id",
    "trigger",
    "path",
    "state",
    "attempts",
    "created_at",
    "started_at",
    "ended_at",
    "duration_ms",
    "status",
    "error",
    "again_of",
)
CHANGES = {"again": steer.again, "redeliver": steer.redeliver, "discard": steer.discard}


class RunChangeUnknownError(ConnectoryError):
    """A form asks for a change of a run that does not exist."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "run-change-unknown"

    def __init__(self, change: str) -> None:
        super().__init__(
            f"there is no change `{change[:40]}` of a run",
            hint=f"use one of: {', '.join(CHANGES)}",
        )


@router.get(PAGE + "/runs.{form}")
def list_runs(
    request: Request, team: str, name: str, form: Form, work: ReadWork, by: TeamViewer
) -> Response:
    """List the runs of an instance for other programs."""
    one = instances.instance(work, team, name)
    runs = read.runs(work, Wanted(one.id, limit=MOST))
    found = tuple(_entry(one, run) for run in runs)
    page, own = f"/t/{team}/i/{name}#runs", request.url.path
    sheet = Sheet(f"Runs of {one.label}", page, own, COLUMNS, found)
    return answer(sheet, form, site=request.app.state.settings.url, now=work.now)


@router.get(PAGE + "/runs/{run}")
def show_run(
    request: Request, team: str, name: str, run: str, opener: Opening, by: TeamViewer
) -> HTMLResponse:
    """Show a run: what went in, what came out, what was logged meanwhile."""
    is_member = by.has_role(Role.MEMBER, team)
    with opener.read() as work:
        one = instances.instance(work, team, name)
        found = read.run(work, one, run)
        given = read.input_of(work, found) if is_member else None
    if given is None:
        return show(request, RunPage(team, name, row_of(one, found), _facts(found, None)))
    lines = read.log_of(request.app.state.crew.target(one), found)
    page = RunPage(
        team=team,
        instance=name,
        row=row_of(one, found),
        facts=_facts(found, given),
        input=given.body.decode("utf-8", "replace"),
        answer=found.answer or "",
        log=tuple(map(line_of, lines)),
        may_change=True,
    )
    return show(request, page)


@router.post(PAGE + "/runs/redeliver")
def redeliver_all(team: str, name: str, work: OpenWork, by: TeamMember) -> Response:
    """Deliver all dead letters of the instance again."""
    steer.redeliver_all(work, instances.instance(work, team, name))
    return see_other(f"/t/{team}/i/{name}#runs")


@router.post(PAGE + "/runs/{run}/{change}")
def change_run(
    team: str, name: str, run: str, change: str, work: OpenWork, by: TeamMember
) -> Response:
    """Run again, redeliver or discard, as the button says."""
    if change not in CHANGES:
        raise RunChangeUnknownError(change)
    done = CHANGES[change](work, instances.instance(work, team, name), run)
    return see_other(f"/t/{team}/i/{name}/runs/{done.id}")


def row_of(instance: Instance, one: RunRow) -> pages.RunRow:
    """Describe a run in a table."""
    return pages.RunRow(
        id=one.id,
        url=f"/t/{instance.team}/i/{instance.name}/runs/{one.id}",
        trigger=one.trigger,
        path=one.path,
        state=one.state,
        attempts=one.attempts,
        created_at=one.created_at,
        took_s=None if one.duration_ms is None else one.duration_ms / 1000,
        error=one.error,
    )


def _facts(one: RunRow, given: Given | None) -> tuple[Fact, ...]:
    query = "&".join(f"{k}={v}" for k, v in given.query.items()) if given else ""
    known = (
        Fact("Trigger", one.trigger),
        Fact("Path", one.path, code=True),
        Fact("Query", query, code=True),
        Fact("Content type", given.content_type if given else "", code=True),
        Fact("Attempts", str(one.attempts)),
        Fact("Answer", f"HTTP {one.status}" if one.status else ""),
        Fact("Same input as", one.again_of or "", code=True),
        Fact("Id", one.id, code=True),
    )
    return tuple(fact for fact in known if fact.value)


def _entry(instance: Instance, one: RunRow) -> Entry:
    page = f"t/{instance.team}/i/{instance.name}/runs/{one.id}"
    return Entry(
        key=page,
        values=(
            one.id,
            one.trigger,
            one.path,
            one.state,
            one.attempts,
            one.created_at,
            one.started_at,
            one.ended_at,
            one.duration_ms,
            one.status,
            one.error,
            one.again_of,
        ),
        title=f"{one.trigger} {one.path} of {instance.label}: {one.state}",
        url=f"/{page}",
        at=one.ended_at or one.created_at,
        author=instance.label,
        summary=one.error,
    )
