"""HTTP: what goes in and out of a running instance: hooks, runs, logs, metrics."""

import json
from collections.abc import AsyncIterator
from typing import Annotated

import anyio
from anyio import to_thread
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from connectory.access.actors import Anybody, TeamMember, TeamViewer
from connectory.access.edge import Opening
from connectory.backends.targets import LogLine, Target
from connectory.instances import hooks, metrics, read
from connectory.instances.logs import fits
from connectory.kernel.clock import rfc3339

router = APIRouter(tags=["instances"])

ONE = "/api/v1/teams/{team}/instances/{name}"
MOST_LINES = 1000
POLL_S = 0.3
PING_S = 15


class RunBody(BaseModel):
    """The event to run the connector with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    event: dict[str, object] = {}


class RunView(BaseModel):
    """What a manual run answered: the connector's HTTP status, and its output."""

    status: int
    output: object


class LogFilters(BaseModel):
    """Which log lines to return. `after` 0 means from the beginning, -n the last n."""

    model_config = ConfigDict(extra="forbid")

    after: int = -200
    limit: int = Field(default=200, ge=1, le=MOST_LINES)
    level: str = "debug"
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


@router.post("/hooks/{team}/{name}/{path:path}")
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
    return await to_thread.run_sync(
        _hand_over, request, team, name, path, sent_key or key, body
    )


@router.post(ONE + ":run")
def run(
    request: Request, team: str, name: str, body: RunBody, opener: Opening, by: TeamMember
) -> RunView:
    """Run the connector once with this event, and answer with what it said."""
    instance, target = _instance(request, opener, team, name)
    sent = json.dumps(body.event).encode()
    answer = target.call(instance, "POST", "/run", sent)
    return RunView(status=answer.status, output=_output(answer.body))


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


@router.get(ONE + "/logs/events")
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
    after = int(seen) if seen.isdecimal() else -100
    lines = _new_lines(request, target, instance, after)
    return StreamingResponse(lines, media_type="text/event-stream")


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


def _hand_over(
    request: Request, team: str, name: str, path: str, key: str, body: bytes
) -> Response:
    state = request.app.state
    with state.works.read() as work:
        instance = hooks.behind(work, team, name, key)
    target: Target = state.crew.targets[instance.target]
    answer = target.call(instance.id, "POST", f"/{path}", body)
    return Response(answer.body, status_code=answer.status, media_type="application/json")


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


async def _new_lines(
    request: Request, target: Target, instance: str, after: int
) -> AsyncIterator[str]:
    """Yield lines as they come, until the reader leaves or the server stops."""
    silent = 0.0
    while not request.app.state.stopping.is_set():
        found = await to_thread.run_sync(_lines_after, target, instance, after)
        for line in found:
            text = json.dumps(_line(line).model_dump())
            yield f"id: {line.offset}\nevent: line\ndata: {text}\n\n"
        if found:
            after, silent = found[-1].offset, 0.0
        elif silent >= PING_S:
            silent = 0.0
            yield ": still here\n\n"
        await anyio.sleep(POLL_S)
        silent += POLL_S


def _lines_after(target: Target, instance: str, after: int) -> tuple[LogLine, ...]:
    return target.logs(instance, after=after)
