"""GET /operations: what is being changed, and one change step by step."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from connectory.access import read as access
from connectory.access.actors import Operator, SignedIn
from connectory.access.edge import OpenWork, ReadWork
from connectory.access.rules import Actor, Role
from connectory.catalog.rules import Name
from connectory.instances import read as instances
from connectory.instances.read import Instance
from connectory.instances.rules import InstanceState, Source, as_text
from connectory.kernel.paging import DEFAULT_LIMIT, read_position, write_position
from connectory.operations import read, steer
from connectory.operations.read import OperationRow, Wanted
from connectory.operations.rules import ACTIVE, State
from connectory.web.answering import see_other, sentence, show
from connectory.web.marks import OPERATION
from connectory.web.pages import operations as pages
from connectory.web.pages.operations import OperationPage, OperationsPage
from connectory.web.parts import Fact, Link, Option, StepView
from connectory.web.parts import OperationRow as Row
from connectory.web.routes.install_form import INPUTS
from connectory.web.sheets import twins_of

router = APIRouter(include_in_schema=False)

CURSOR = "operations page"
UNDOES = {
    "install": "Removes what it made",
    "upgrade": "Goes back to what ran before",
    "rollback": "Goes back to what ran before",
    "pause": "Starts it again",
    "resume": "Pauses it again",
}
"""What taking back an operation does, by its kind."""


class Asked(BaseModel):
    """Which operations the address asks for."""

    team: str = ""
    state: State | None = None
    kind: str = ""
    instance: str = ""
    cursor: str = ""


@router.get("/operations")
def list_operations(
    request: Request, work: ReadWork, by: SignedIn, asked: Annotated[Asked, Query()]
) -> HTMLResponse:
    """List the operations of the reader's teams, newest first."""
    key: bytes = request.app.state.cursor_key
    wanted = Wanted(
        teams=teams_of(by, asked.team),
        state=asked.state or "",
        kind=asked.kind,
        instance=asked.instance.strip(),
        before=read_position(key, CURSOR, asked.cursor),
        limit=DEFAULT_LIMIT + 1,
    )
    found = read.operations(work, wanted)
    page = OperationsPage(
        rows=tuple(row_of(one) for one in found[:DEFAULT_LIMIT]),
        team=asked.team,
        state=asked.state or "",
        kind=asked.kind,
        instance=asked.instance,
        teams=(
            Option("", "All my teams"),
            *(Option(team, team) for team in access.teams(work, by)),
        ),
        states=(
            Option("", "Any state"),
            *(Option(state, mark.word) for state, mark in OPERATION.items()),
        ),
        kinds=(
            Option("", "Any kind"),
            *(Option(kind, kind.capitalize()) for kind in request.app.state.recipes),
        ),
        next_url=_next(key, asked, found),
        twins=twins_of("/operations", urlencode(_said(asked))),
    )
    return show(request, page)


@router.get("/operations/{operation}")
def show_operation(
    request: Request, operation: str, work: ReadWork, by: SignedIn
) -> HTMLResponse:
    """Show one operation; its live part follows by server-sent events."""
    one = read.operation(work, operation, by)
    page = _page(one, instances.by_id(work, one.resource))
    if by.has_role(Role.MEMBER, one.team):
        recipe = request.app.state.recipes[one.kind]
        page = replace(
            page,
            can_cancel=recipe.undoes and _is_free(one),
            can_retry=_is_lost(one),
            undo=UNDOES.get(one.kind, "") if steer.is_undoable(work, one, recipe) else "",
        )
    return show(request, page)


@router.post("/operations/{operation}/cancel")
def cancel(request: Request, operation: str, work: OpenWork, by: Operator) -> Response:
    """Call the operation off, and go on watching it."""
    steer.cancel(work, operation, by, request.app.state.recipes)
    return see_other(f"/operations/{operation}")


@router.post("/operations/{operation}/retry")
def retry(request: Request, operation: str, work: OpenWork, by: Operator) -> Response:
    """Try the operation again, and go on watching it."""
    steer.retry(work, operation, by, request.app.state.recipes)
    return see_other(f"/operations/{operation}")


@router.post("/operations/{operation}/undo")
def undo(request: Request, operation: str, work: OpenWork, by: Operator) -> Response:
    """Take the operation back, and watch what does it."""
    reversal = steer.undo(work, operation, by, request.app.state.recipes)
    return see_other(f"/operations/{reversal.id}")


def _is_free(one: OperationRow) -> bool:
    """Whether it goes on and nobody has turned it round."""
    return one.state in ACTIVE and one.cancelled_by is None and not one.is_undoing


def _is_lost(one: OperationRow) -> bool:
    """Whether it ended without success."""
    return one.state not in ACTIVE and one.state is not State.SUCCEEDED


def row_of(one: OperationRow) -> Row:
    """Describe an operation in a list."""
    return Row(
        id=one.id,
        kind=one.kind,
        state=one.state,
        instance=_instance_name(one),
        team=one.team,
        by=one.by,
        created_at=one.created_at,
        ended_at=one.ended_at,
    )


def _page(one: OperationRow, instance: Instance | None) -> OperationPage:
    error = one.error or {}
    return OperationPage(
        id=one.id,
        kind=one.kind,
        state=one.state,
        team=one.team,
        instance=_instance_name(one),
        by=one.by,
        created_at=one.created_at,
        steps=tuple(
            StepView(s.title, s.state, s.started_at, s.ended_at, s.detail, s.tries)
            for s in one.steps
        ),
        facts=_facts(instance) if instance else (),
        ended_at=one.ended_at,
        error=sentence(error.get("message", "")),
        error_code=error.get("code", ""),
        hint=sentence(error.get("hint", "")),
        next=tuple(_next_steps(one, instance)) if instance else (),
    )


def _facts(instance: Instance) -> tuple[Fact, ...]:
    return (
        Fact("Connector", connector_label(instance.connector, instance.version), code=True),
        Fact("Environment", instance.environment),
        Fact("Target", ", ".join(filter(None, (instance.target, instance.region)))),
    )


def connector_label(connector: Name, version: str) -> str:
    """Return connector and version in one text: `bizops/crm-to-slack-v1 1.3.0`."""
    return f"{connector.key} {version}"


def _next_steps(one: OperationRow, instance: Instance) -> list[Link]:
    if one.kind == "install" and _is_lost(one):
        return [Link("Change settings", _form(instance))]
    if one.kind == "upgrade" and _is_lost(one) and instance.tried is not None:
        version = urlencode({"version": instance.tried.version})
        page = f"/t/{instance.team}/i/{instance.name}/upgrade?{version}"
        return [Link("Change settings", page)]
    if one.state is State.SUCCEEDED and one.kind == "remove":
        return [Link("Install it again", _form(instance))]
    if one.kind != "remove" and instance.state is not InstanceState.REMOVED:
        return [Link(f"Open {one.label}", f"/t/{instance.team}/i/{instance.name}")]
    if one.state.value in pages.FINAL:
        return [Link(f"Open {one.team}", f"/t/{one.team}")]
    return []


def _form(instance: Instance) -> str:
    """Return the form that installs it, with what it was set to."""
    where = {
        "team": instance.team,
        "environment": instance.environment,
        "name": instance.name,
        **{
            INPUTS + name: as_text(value)
            for name, (value, source) in instance.settings.items()
            if source == Source.YOU
        },
    }
    return f"/c/{instance.connector.key}@{instance.version}/install?{urlencode(where)}"


def _instance_name(one: OperationRow) -> str:
    return one.label.rpartition("/")[2]


def teams_of(by: Actor, team: str) -> frozenset[str] | None:
    """Return the teams whose operations to list; None for all of them."""
    if by.is_admin:
        return frozenset({team}) if team else None
    return frozenset(by.teams) & {team} if team else frozenset(by.teams)


def _next(key: bytes, asked: Asked, found: list[OperationRow]) -> str:
    if len(found) <= DEFAULT_LIMIT:
        return ""
    last = found[DEFAULT_LIMIT - 1]
    cursor = write_position(key, CURSOR, (last.created_at, last.id))
    return f"/operations?{urlencode({**_said(asked), 'cursor': cursor})}"


def _said(asked: Asked) -> dict[str, str]:
    """Return the filters in force."""
    pairs = {
        "team": asked.team,
        "state": asked.state or "",
        "kind": asked.kind,
        "instance": asked.instance,
    }
    return {name: value for name, value in pairs.items() if value}
