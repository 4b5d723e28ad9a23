"""HTTP: what a running instance says of itself in its log; and its hook addresses."""

import json
from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from connectory.access.actors import TeamMember, TeamViewer
from connectory.access.declared import of_type
from connectory.access.edge import Opening
from connectory.access.streams import News, event, number_of, stream
from connectory.backends.targets import LogLine, Target
from connectory.instances import read
from connectory.instances.log_views import LineView, line_view
from connectory.instances.logs import fits
from connectory.instances.show_hooks import hooks_with_key

router = APIRouter(tags=["instances"])

ONE = "/api/v1/teams/{team}/instances/{name}"
MOST_LINES = 1000
LAST_LINES = 100  # that a stream begins with
FARTHEST = 2**53  # offset in a log, in bytes


class HookList(BaseModel):
    """Addresses that the outside calls, each with its key."""

    urls: list[str]


class LogFilters(BaseModel):
    """Which log lines to return. `after` 0 means from the beginning, -n the last n."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(default=-200, ge=-MOST_LINES, le=FARTHEST)
    limit: int = Field(default=200, ge=1, le=MOST_LINES)
    level: Literal["debug", "info", "warn", "error"] = "debug"
    text: str = ""


class LineList(BaseModel):
    """Log lines, oldest first; `next` is the `after` that continues behind them."""

    items: list[LineView]
    next: int


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
        items=[
            line_view(line) for line in found if fits(line, level=asked.level, text=asked.text)
        ],
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


def _instance(request: Request, opener: Opening, team: str, name: str) -> tuple[str, Target]:
    with opener.read() as work:
        one = read.instance(work, team, name)
    return one.id, request.app.state.crew.targets[one.target]


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
    return event("line", line.offset, json.dumps(line_view(line).model_dump()))
