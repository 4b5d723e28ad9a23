"""HTTP: the schedules of an instance, and running one of them now."""

from fastapi import APIRouter, Request, status
from pydantic import BaseModel, Field

from connectory.access.actors import TeamMember, TeamViewer
from connectory.access.bodies import Body
from connectory.access.edge import Opening, ReadWork
from connectory.instances import read as instances
from connectory.instances.schedule_views import ComingView, coming_view
from connectory.kernel.clock import rfc3339
from connectory.schedules import read
from connectory.schedules.read import Standing
from connectory.schedules.rules import Skipped
from connectory.schedules.run_now import run_now

router = APIRouter(tags=["instances"])

ONE = "/api/v1/teams/{team}/instances/{name}/schedules"


class SkippedView(BaseModel):
    """Times that had no run of their own, and why: missed, overlap, paused, failed."""

    first: str
    last: str
    reason: str


class ScheduleView(ComingView):
    """A schedule of an instance. `starts_at` is when its next run begins, delay included."""

    starts_at: str | None
    last_run: str | None
    skipped: list[SkippedView]


class ScheduleList(BaseModel):
    """The schedules of an instance."""

    items: list[ScheduleView]


class RunNowBody(Body):
    """Which schedule to run; it can be left out where there is only one."""

    schedule: str = Field(default="", max_length=300)


class RunNowView(BaseModel):
    """The run that was put in line."""

    run: str


@router.get(ONE)
def show_schedules(
    request: Request, team: str, name: str, work: ReadWork, by: TeamViewer
) -> ScheduleList:
    """Return when the instance runs by itself: next times, last run, what had no run."""
    one = instances.instance(work, team, name)
    found = read.schedules(work, request.app.state.crew, one)
    return ScheduleList(items=[_view(each) for each in found])


@router.post(ONE + ":run", status_code=status.HTTP_202_ACCEPTED)
def run_schedule(
    request: Request, team: str, name: str, body: RunNowBody, opener: Opening, by: TeamMember
) -> RunNowView:
    """Run the connector now as its schedule would, with the present as the planned time."""
    with opener.write() as work:
        run = run_now(work, request.app.state.crew, team, name, body.schedule)
    return RunNowView(run=run)


def _view(one: Standing) -> ScheduleView:
    return ScheduleView(
        **coming_view(one.coming).model_dump(),
        starts_at=rfc3339(one.starts_at) if one.starts_at else None,
        last_run=one.last_run,
        skipped=[_skipped(each) for each in one.skipped],
    )


def _skipped(one: Skipped) -> SkippedView:
    return SkippedView(first=rfc3339(one.first), last=rfc3339(one.last), reason=one.reason)
