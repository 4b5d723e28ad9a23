"""HTTP: the runs of an instance, and running it by hand."""

import json
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, status
from pydantic import BaseModel, ConfigDict, Field

from connectory.access.actors import TeamMember, TeamViewer
from connectory.access.bodies import Body
from connectory.access.edge import Opening, OpenWork, ReadWork
from connectory.access.rules import Role
from connectory.backends.targets import InstanceUnreachableError
from connectory.instances import read as instances
from connectory.instances.rules import (
    InstancePausedError,
    InstanceState,
    InstanceSuspendedError,
)
from connectory.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT, read_position, write_position
from connectory.runs import read, rules, steer
from connectory.runs.read import Wanted
from connectory.runs.rules import RunState, Trigger
from connectory.runs.views import (
    Redelivered,
    RunCard,
    RunDetail,
    RunList,
    run_card,
    run_detail,
)
from connectory.work import Event

router = APIRouter(prefix="/api/v1/teams/{team}/instances/{name}", tags=["runs"])

CURSOR = "runs"


@dataclass(frozen=True, slots=True)
class InstanceRun(Event):
    """Somebody ran an instance by hand; `status` is what the connector answered (HTTP)."""

    instance: str
    run: str
    status: int


class RunBody(Body):
    """The event to run the connector with."""

    event: dict[str, object] = Field(default_factory=dict)


class RunView(BaseModel):
    """What a manual run answered: the connector's HTTP status, and its output."""

    run: str
    status: int
    output: object


class Filters(BaseModel):
    """Which runs to list."""

    model_config = ConfigDict(extra="forbid")

    state: RunState | None = None
    trigger: Trigger | None = None
    cursor: str = ""
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)


@router.post(":run")
def run(
    request: Request, team: str, name: str, body: RunBody, opener: Opening, by: TeamMember
) -> RunView:
    """Run the connector once with this event, and answer with what it said."""
    with opener.read() as work:
        instance = instances.instance(work, team, name)
    if instance.state is InstanceState.PAUSED:
        raise InstancePausedError(instance.label)
    if instance.state is InstanceState.SUSPENDED:
        raise InstanceSuspendedError(instance.label)
    sent = json.dumps(body.event).encode()
    wanted = rules.Request(instance.id, Trigger.MANUAL, "/run", sent, {})
    held, outcome = request.app.state.deliverer.run_now(wanted)
    answer = outcome.answer
    with opener.write() as work:
        code = answer.status if answer else 0
        work.emit(InstanceRun(instance.label, team, instance.id, held.id, code))
    if answer is None:
        raise InstanceUnreachableError(instance.label, outcome.error)
    return RunView(run=held.id, status=answer.status, output=_output(answer.body))


@router.get("/runs")
def list_runs(
    request: Request,
    team: str,
    name: str,
    work: ReadWork,
    by: TeamViewer,
    asked: Annotated[Filters, Query()],
) -> RunList:
    """List the runs of an instance, newest first."""
    key: bytes = request.app.state.cursor_key
    instance = instances.instance(work, team, name)
    scope = f"{CURSOR} {instance.id}"
    wanted = Wanted(
        instance=instance.id,
        states=frozenset([asked.state]) if asked.state else frozenset(),
        trigger=asked.trigger or "",
        before=read_position(key, scope, asked.cursor),
        limit=asked.limit + 1,
    )
    found = read.runs(work, wanted)
    more = None
    if len(found) > asked.limit:
        last = found[asked.limit - 1]
        more = write_position(key, scope, (last.created_at, last.id))
    shown = [run_card(one, instance) for one in found[: asked.limit]]
    return RunList(items=shown, next=more)


@router.get("/runs/{run}")
def show_run(
    request: Request, team: str, name: str, run: str, opener: Opening, by: TeamViewer
) -> RunDetail:
    """Show one run; members of the team see its input, answer and log as well."""
    with opener.read() as work:
        instance = instances.instance(work, team, name)
        found = read.run(work, instance, run)
        given = read.input_of(work, found) if by.has_role(Role.MEMBER, team) else None
    target = request.app.state.crew.target(instance)
    return run_detail(found, instance, given, read.log_of(target, found) if given else ())


@router.post("/runs/{run}:again", status_code=status.HTTP_202_ACCEPTED)
def run_again(team: str, name: str, run: str, work: OpenWork, by: TeamMember) -> RunCard:
    """Run the connector again with the same input, as a new run."""
    instance = instances.instance(work, team, name)
    return run_card(steer.again(work, instance, run), instance)


@router.post("/runs/{run}:redeliver", status_code=status.HTTP_202_ACCEPTED)
def redeliver_run(team: str, name: str, run: str, work: OpenWork, by: TeamMember) -> RunCard:
    """Deliver a dead letter again; to the connector it is the same run."""
    instance = instances.instance(work, team, name)
    return run_card(steer.redeliver(work, instance, run), instance)


@router.post("/runs/{run}:discard")
def discard_run(team: str, name: str, run: str, work: OpenWork, by: TeamMember) -> RunCard:
    """Call off a run that waits, or give up a dead letter."""
    instance = instances.instance(work, team, name)
    return run_card(steer.discard(work, instance, run), instance)


@router.post("/runs:redeliver", status_code=status.HTTP_202_ACCEPTED)
def redeliver_runs(team: str, name: str, work: OpenWork, by: TeamMember) -> Redelivered:
    """Deliver all dead letters of an instance again."""
    instance = instances.instance(work, team, name)
    return Redelivered(redelivered=steer.redeliver_all(work, instance))


def _output(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
