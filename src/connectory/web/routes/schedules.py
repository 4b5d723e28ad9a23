"""POST /t/…/i/…/schedules: run one now; and how plans and instances show theirs."""

from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import Response

from connectory.access.actors import TeamMember
from connectory.access.edge import Opening
from connectory.kernel.clock import in_time
from connectory.manifest.coming import Coming
from connectory.manifest.ticks import local
from connectory.schedules.read import Standing
from connectory.schedules.rules import Reason, Skipped
from connectory.schedules.run_now import run_now
from connectory.web.answering import Entered, see_other, sentence
from connectory.web.parts import Link, ScheduleRow

router = APIRouter(include_in_schema=False)

WHY = {
    Reason.MISSED: "missed, the server did not run",
    Reason.OVERLAP: "skipped, the run before had not ended",
    Reason.PAUSED: "skipped, it was paused",
    Reason.SUSPENDED: "skipped, its version was quarantined",
    Reason.FAILED: "skipped, its last change had failed",
}


@router.post("/t/{team}/i/{name}/schedules")
def run_schedule(
    request: Request, team: str, name: str, entered: Entered, opener: Opening, by: TeamMember
) -> Response:
    """Put a run of the schedule whose button was pressed in line."""
    with opener.write() as work:
        run_now(work, request.app.state.crew, team, name, entered.get("schedule", ""))
    return see_other(f"/t/{team}/i/{name}#schedules")


def planned_row(one: Coming) -> ScheduleRow:
    """Describe a schedule that there would be."""
    delay = f"up to {in_time(one.jitter_s)} later; " if one.jitter_s else ""
    made_up = "one run makes up" if one.makes_up else "no run makes up"
    return ScheduleRow(
        name=one.name,
        words=sentence(one.words),
        about=f"{delay}{made_up} for those that were missed",
        times=tuple(local(tick, one.zone) for tick in one.ticks),
    )


def standing_row(one: Standing, instance_url: str) -> ScheduleRow:
    """Describe a schedule of an instance."""
    run = one.last_run
    return replace(
        planned_row(one.coming),
        last_run=Link(run, f"{instance_url}/runs/{run}") if run else None,
        skipped=tuple(_skipped(each, one.coming.zone) for each in one.skipped),
    )


def _skipped(one: Skipped, zone: str) -> str:
    until = f" to {local(one.last, zone)}" if one.last != one.first else ""
    return f"{local(one.first, zone)}{until}: {WHY[one.reason]}"
