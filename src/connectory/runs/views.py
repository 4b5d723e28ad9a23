"""The JSON of runs."""

from collections.abc import Iterable

from pydantic import BaseModel

from connectory.backends.targets import LogLine
from connectory.instances.log_views import LineView, line_view
from connectory.instances.read import Instance
from connectory.kernel.clock import rfc3339
from connectory.runs.rules import Request, RunRow


class RunCard(BaseModel):
    """One run in a list. Times are of the last attempt, in UTC; `status` is HTTP."""

    id: str
    instance: str
    trigger: str
    path: str
    state: str
    attempts: int
    created_at: str
    due_at: str
    started_at: str | None
    ended_at: str | None
    duration_ms: int | None
    status: int | None
    error: str
    again_of: str | None
    url: str


class InputView(BaseModel):
    """What went into a run."""

    body: str
    query: dict[str, str]
    content_type: str


class RunDetail(RunCard):
    """One run, whole. Input, answer and log are for members of its team alone."""

    answer: str | None
    input: InputView | None
    log: list[LineView]


class RunList(BaseModel):
    """Runs, newest first; `next` continues the list."""

    items: list[RunCard]
    next: str | None


class Redelivered(BaseModel):
    """How many dead letters are delivered again."""

    redelivered: int


def run_card(one: RunRow, instance: Instance) -> RunCard:
    """Describe a run in a list."""
    return RunCard(
        id=one.id,
        instance=instance.label,
        trigger=one.trigger,
        path=one.path,
        state=one.state,
        attempts=one.attempts,
        created_at=rfc3339(one.created_at),
        due_at=rfc3339(one.due_at),
        started_at=rfc3339(one.started_at) if one.started_at else None,
        ended_at=rfc3339(one.ended_at) if one.ended_at else None,
        duration_ms=one.duration_ms,
        status=one.status,
        error=one.error,
        again_of=one.again_of,
        url=f"/t/{instance.team}/i/{instance.name}/runs/{one.id}",
    )


def run_detail(
    one: RunRow, instance: Instance, given: Request | None, log: Iterable[LogLine]
) -> RunDetail:
    """Describe a run; without its input for who may not see what went through."""
    return RunDetail(
        **run_card(one, instance).model_dump(),
        answer=one.answer if given else None,
        input=_input_view(given) if given else None,
        log=[line_view(line) for line in log],
    )


def _input_view(given: Request) -> InputView:
    return InputView(
        body=given.body.decode("utf-8", "replace"),
        query=dict(given.query),
        content_type=given.content_type,
    )
