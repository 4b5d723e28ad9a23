"""HTTP: /api/v1/operations, with live progress."""

import json
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field

from connectory.access.actors import Operator, SignedIn
from connectory.access.bodies import Body
from connectory.access.declared import also, of_type
from connectory.access.edge import OpenWork, ReadWork
from connectory.access.rules import Actor
from connectory.access.streams import News, event, number_of, stream
from connectory.kernel.clock import rfc3339
from connectory.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT, read_position, write_position
from connectory.operations import read, steer
from connectory.operations.read import OperationRow, StepRow, Wanted
from connectory.operations.rules import ACTIVE, State
from connectory.operations.steer import Again, Changes
from connectory.work import Works

router = APIRouter(prefix="/api/v1/operations", tags=["operations"])

CURSOR = "operations"


class Filters(BaseModel):
    """Which operations to list."""

    model_config = ConfigDict(extra="forbid")

    team: str = ""
    state: State | None = None
    kind: str = ""
    instance: str = ""
    cursor: str = ""
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)


class RetryBody(Body):
    """What another try should do otherwise; nothing means the same again."""

    inputs: dict[str, object] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict)


class StepView(BaseModel):
    """One step of an operation."""

    name: str
    title: str
    state: str
    detail: str
    tries: int
    started: str | None
    ended: str | None


class ErrorView(BaseModel):
    """Why an operation failed."""

    code: str
    message: str
    hint: str


class OperationCard(BaseModel):
    """One operation in a list."""

    id: str
    kind: str
    state: str
    instance: str
    team: str
    usable: bool
    by: str
    created_at: str
    ended_at: str | None
    error: ErrorView | None
    url: str


class OperationView(OperationCard):
    """One operation with its steps."""

    steps: list[StepView]


class OperationList(BaseModel):
    """Operations, newest first; `next` continues the list."""

    items: list[OperationCard]
    next: str | None


@router.get("")
def list_operations(
    request: Request, work: ReadWork, by: SignedIn, asked: Annotated[Filters, Query()]
) -> OperationList:
    """List the operations of the caller's teams."""
    key: bytes = request.app.state.cursor_key
    wanted = Wanted(
        teams=_teams(by, asked.team),
        state=asked.state or "",
        kind=asked.kind,
        instance=asked.instance,
        before=read_position(key, CURSOR, asked.cursor),
        limit=asked.limit + 1,
    )
    found = read.operations(work, wanted)
    more = None
    if len(found) > asked.limit:
        last = found[asked.limit - 1]
        more = write_position(key, CURSOR, (last.created_at, last.id))
    return OperationList(items=[operation_card(one) for one in found[: asked.limit]], next=more)


@router.get("/{operation}")
def show_operation(operation: str, work: ReadWork, by: SignedIn) -> OperationView:
    """Show one operation with its steps."""
    return operation_view(read.operation(work, operation, by))


@router.post("/{operation}:cancel", status_code=status.HTTP_202_ACCEPTED)
def cancel_operation(
    request: Request, operation: str, work: OpenWork, by: Operator
) -> OperationView:
    """Call an operation off: after its present step, what it has done is undone."""
    return operation_view(steer.cancel(work, operation, by, request.app.state.recipes))


@router.post("/{operation}:retry", status_code=status.HTTP_202_ACCEPTED)
def retry_operation(
    request: Request,
    operation: str,
    work: OpenWork,
    by: Operator,
    body: RetryBody | None = None,
) -> OperationView:
    """Let an operation go on where it failed; one that was undone begins anew.

    An install or upgrade that was undone can begin anew with other settings.
    """
    state, wanted = request.app.state, body or RetryBody()
    again = Again(Changes(wanted.inputs, wanted.secrets), state.amender)
    return operation_view(steer.retry(work, operation, by, state.recipes, again))


@router.post("/{operation}:undo", status_code=status.HTTP_202_ACCEPTED)
def undo_operation(
    request: Request, response: Response, operation: str, work: OpenWork, by: Operator
) -> OperationView:
    """Take back an operation that succeeded; answers with the operation that does it."""
    reversal = steer.undo(work, operation, by, request.app.state.recipes)
    response.headers["Location"] = f"/api/v1/operations/{reversal.id}"
    return operation_view(reversal)


@router.get(
    "/{operation}/events",
    response_class=Response,
    responses={
        **of_type("text/event-stream"),
        **also(204, "The reader has seen the end; do not come back"),
    },
)
def follow_operation(
    operation: str,
    request: Request,
    work: ReadWork,
    by: SignedIn,
    seen: Annotated[str, Header(alias="Last-Event-ID")] = "",
) -> Response:
    """Stream an operation as it changes; ends with its final state.

    A reader who has seen that state is told with 204 not to come back.
    """
    one = read.operation(work, operation, by)
    last = number_of(seen) or 0
    if one.state not in ACTIVE and last == one.revision:
        return Response(status_code=status.HTTP_204_NO_CONTENT)
    look = _changes(request.app.state.works, operation, by, last)
    return stream(request, by, one.team, look)


def operation_card(one: OperationRow) -> OperationCard:
    """Describe an operation without its steps."""
    return OperationCard(
        id=one.id,
        kind=one.kind,
        state=one.state,
        instance=one.label,
        team=one.team,
        usable=one.kind == "install" and one.state is State.SUCCEEDED,
        by=one.by,
        created_at=rfc3339(one.created_at),
        ended_at=rfc3339(one.ended_at) if one.ended_at else None,
        error=ErrorView(**one.error) if one.error else None,
        url=f"/operations/{one.id}",
    )


def operation_view(one: OperationRow) -> OperationView:
    """Describe an operation with its steps."""
    return OperationView(
        **operation_card(one).model_dump(), steps=[_step(step) for step in one.steps]
    )


def _step(step: StepRow) -> StepView:
    return StepView(
        name=step.name,
        title=step.title,
        state=step.state,
        detail=step.detail,
        tries=step.tries,
        started=rfc3339(step.started_at) if step.started_at else None,
        ended=rfc3339(step.ended_at) if step.ended_at else None,
    )


def _teams(by: Actor, team: str) -> frozenset[str] | None:
    if by.is_admin:
        return frozenset({team}) if team else None
    return frozenset({team} & set(by.teams)) if team else frozenset(by.teams)


def _changes(works: Works, operation: str, by: Actor, seen: int) -> Callable[[], News]:
    """Return a look at an operation that finds it anew each time its revision has changed."""
    last = seen

    def look() -> News:
        nonlocal last
        with works.read() as work:
            now = read.progress(work, operation)
            if now is None or now.revision == last:
                return News(is_end=now is None or now.is_over)
            one = read.operation(work, operation, by)
        last = one.revision
        text = json.dumps(operation_view(one).model_dump())
        return News([event("operation", last, text)], is_end=one.state not in ACTIVE)

    return look
