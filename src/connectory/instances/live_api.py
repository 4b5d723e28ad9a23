"""HTTP: what goes in and out of a running instance: hooks, runs, logs, metrics."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from anyio import sleep, to_thread
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import State

from connectory.access.actors import Anybody, TeamMember, TeamViewer
from connectory.access.bodies import Body
from connectory.access.declared import of_type
from connectory.access.edge import Opening
from connectory.access.streams import News, event, number_of, stream
from connectory.backends.targets import InstanceUnreachableError, LogLine, Target
from connectory.instances import hooks, metrics, read, store
from connectory.instances.hooks import HookMissingError
from connectory.instances.logs import fits
from connectory.instances.rules import InstancePausedError, InstanceState
from connectory.instances.show_hooks import hooks_with_key
from connectory.instances.store import Instance
from connectory.kernel.clock import rfc3339
from connectory.operations import read as operations
from connectory.work import Event

router = APIRouter(tags=["instances"])

ONE = "/api/v1/teams/{team}/instances/{name}"
MOST_LINES = 1000
LAST_LINES = 100  # that a stream begins with
FARTHEST = 2**53  # offset in a log, in bytes


HOLD_S = 20.0  # how long a hook waits for an instance whose process is being changed
HOLD_PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class HookCall:
    """A call from outside, as it goes to the connector."""

    team: str
    name: str
    path: str
    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class InstanceRun(Event):
    """Somebody ran an instance by hand; `status` is what the connector answered (HTTP)."""

    instance: str
    status: int


class RunBody(Body):
    """The event to run the connector with."""

    event: dict[str, object] = Field(default_factory=dict)


class HookList(BaseModel):
    """Addresses that the outside calls, each with its key."""

    urls: list[str]


class RunView(BaseModel):
    """What a manual run answered: the connector's HTTP status, and its output."""

    status: int
    output: object


class LogFilters(BaseModel):
    """Which log lines to return. `after` 0 means from the beginning, -n the last n."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(default=-200, ge=-MOST_LINES, le=FARTHEST)
    limit: int = Field(default=200, ge=1, le=MOST_LINES)
    level: Literal["debug", "info", "warn", "error"] = "debug"
    text: str = ""


class LineView(BaseModel):
    """One line of a log."""

    offset: int
    ts: str
    level: str
    message: str
    facts: dict[str, str]


class LineList(BaseModel):
    """Log lines, oldest first; `next` is the `after` that continues behind them."""

    items: list[LineView]
    next: int


class SampleView(BaseModel):
    """One number that the instance reports."""

    name: str
    labels: dict[str, str]
    value: float
    help: str
    type: str


class SampleList(BaseModel):
    """The numbers that the instance reports now."""

    items: list[SampleView]


@router.post(
    "/hooks/{team}/{name}/{path:path}",
    responses={"default": {"description": "Whatever the connector answers"}},
)
async def receive(
    request: Request,
    team: str,
    name: str,
    path: str,
    by: Anybody,
    key: str = "",
    sent_key: Annotated[str, Header(alias="X-Connectory-Hook-Key")] = "",
) -> Response:
    """Hand a call from outside to the instance behind this address."""
    body = await request.body()
    call = HookCall(team, name, f"/{path}", sent_key or key, body)
    end = time.monotonic() + HOLD_S
    while (answer := await to_thread.run_sync(_hand_over, request.app.state, call)) is None:
        if time.monotonic() > end:
            raise InstanceUnreachableError(f"{team}/{name}", "it is being changed")
        await sleep(HOLD_PAUSE_S)  # waiting callers take no thread
    return answer


@router.post(ONE + ":run")
def run(
    request: Request, team: str, name: str, body: RunBody, opener: Opening, by: TeamMember
) -> RunView:
    """Run the connector once with this event, and answer with what it said."""
    instance, target = _instance(request, opener, team, name)
    sent = json.dumps(body.event).encode()
    answer = target.call(instance, "POST", "/run", sent)
    with opener.write() as work:
        work.emit(InstanceRun(f"{team}/{name}", team, instance, answer.status))
    return RunView(status=answer.status, output=_output(answer.body))


@router.post(ONE + ":hooks")
def show_hooks(
    request: Request, team: str, name: str, opener: Opening, by: TeamMember
) -> HookList:
    """Show the hook addresses with their key, to set up who calls them; it is recorded."""
    return HookList(urls=list(hooks_with_key(request.app.state.crew, opener, team, name)))


@router.get(ONE + "/logs")
def show_logs(
    request: Request,
    team: str,
    name: str,
    opener: Opening,
    by: TeamViewer,
    asked: Annotated[LogFilters, Query()],
) -> LineList:
    """Return lines of the instance's log."""
    instance, target = _instance(request, opener, team, name)
    found = target.logs(instance, after=asked.after, limit=asked.limit)
    last = found[-1].offset if found else max(asked.after, 0)
    return LineList(
        items=[_line(line) for line in found if fits(line, level=asked.level, text=asked.text)],
        next=last,
    )


@router.get(
    ONE + "/logs/events",
    response_class=Response,
    responses={**of_type("text/event-stream")},
)
def follow_logs(
    request: Request,
    team: str,
    name: str,
    opener: Opening,
    by: TeamViewer,
    seen: Annotated[str, Header(alias="Last-Event-ID")] = "",
) -> StreamingResponse:
    """Stream the instance's log, beginning with its last lines."""
    instance, target = _instance(request, opener, team, name)
    last = number_of(seen)
    after = -LAST_LINES if last is None else last
    return stream(request, by, team, _new_lines(target, instance, after))


@router.get(ONE + "/metrics")
def show_metrics(
    request: Request, team: str, name: str, opener: Opening, by: TeamViewer
) -> SampleList:
    """Return the numbers that the instance reports now."""
    instance, target = _instance(request, opener, team, name)
    text = target.call(instance, "GET", "/metrics").body.decode("utf-8", "replace")
    return SampleList(
        items=[
            SampleView(name=s.name, labels=s.labels, value=s.value, help=s.help, type=s.type)
            for s in metrics.samples(text)
        ]
    )


def _hand_over(state: State, call: HookCall) -> Response | None:
    """Return what the connector answers; None while its process is being changed."""
    with state.works.read() as work:
        instance = hooks.behind(work, call.team, call.name, call.key)
        manifest = state.crew.launcher.version_of(work, instance).manifest
        is_changing = operations.active_on(work, instance.id) is not None
    if call.path not in hooks.paths(manifest):  # the rest is for the platform alone
        raise HookMissingError
    if instance.state is InstanceState.PAUSED and not is_changing:
        raise InstancePausedError(instance.label)
    target: Target = state.crew.targets[instance.target]
    try:
        answer = target.call(instance.id, "POST", call.path, call.body)
    except InstanceUnreachableError:
        if is_changing or _has_changed(state, instance):
            return None
        raise
    return Response(answer.body, status_code=answer.status, media_type="application/json")


def _has_changed(state: State, seen: Instance) -> bool:
    """Whether a change of the instance began or ended since it was looked up."""
    with state.works.read() as work:
        now = store.by_id(work, seen.id)
        return now != seen or operations.active_on(work, seen.id) is not None


def _instance(request: Request, opener: Opening, team: str, name: str) -> tuple[str, Target]:
    with opener.read() as work:
        one = read.instance(work, team, name)
    return one.id, request.app.state.crew.targets[one.target]


def _line(line: LogLine) -> LineView:
    return LineView(
        offset=line.offset,
        ts=rfc3339(line.at),
        level=line.level,
        message=line.message,
        facts=dict(line.facts),
    )


def _output(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def _new_lines(target: Target, instance: str, after: int) -> Callable[[], News]:
    """Return a look at a log that finds the lines behind those that it found before."""
    last = after

    def look() -> News:
        nonlocal last
        found = target.logs(instance, after=last)
        if found:
            last = found[-1].offset
        return News([_log_event(line) for line in found])

    return look


def _log_event(line: LogLine) -> str:
    return event("line", line.offset, json.dumps(_line(line).model_dump()))
