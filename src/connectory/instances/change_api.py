"""HTTP: pause, resume, restart, upgrade and roll back an instance."""

from fastapi import APIRouter, Request, Response, status
from pydantic import Field

from connectory.access.actors import TeamMember
from connectory.access.bodies import Body
from connectory.access.edge import Opening, OpenWork
from connectory.access.rules import Actor
from connectory.catalog.read import LATEST
from connectory.instances import change, plan, upgrade
from connectory.instances.accepting import Accepted, accepted
from connectory.instances.plan import Surroundings
from connectory.instances.rules import PlanOutdatedError
from connectory.instances.upgrade import Upgrade
from connectory.instances.views import UpgradeView, upgrade_view
from connectory.work import Work


class UpgradeBody(Body):
    """What an instance should become: a plan by its id, or a version and what changes."""

    plan: str = ""
    version: str = LATEST
    inputs: dict[str, object] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict)
    accept_permissions: bool = False
    dry_run: bool = False


router = APIRouter(prefix="/api/v1", tags=["instances"])

ONE = "/teams/{team}/instances/{name}"


@router.post(ONE + ":pause", status_code=status.HTTP_202_ACCEPTED)
def pause(
    request: Request, response: Response, team: str, name: str, work: OpenWork, by: TeamMember
) -> Accepted:
    """Stop an instance and keep everything of it; its hooks ask callers to come back."""
    begun = change.turn(work, team, name, change.PAUSE, request.app.state.recipes)
    return accepted(work, response, begun)


@router.post(ONE + ":resume", status_code=status.HTTP_202_ACCEPTED)
def resume(
    request: Request, response: Response, team: str, name: str, work: OpenWork, by: TeamMember
) -> Accepted:
    """Start a paused instance again, as it was."""
    begun = change.turn(work, team, name, change.RESUME, request.app.state.recipes)
    return accepted(work, response, begun)


@router.post(ONE + ":restart", status_code=status.HTTP_202_ACCEPTED)
def restart(
    request: Request, response: Response, team: str, name: str, work: OpenWork, by: TeamMember
) -> Accepted:
    """Stop the process of an instance and start a new one with the same settings."""
    begun = change.turn(work, team, name, change.RESTART, request.app.state.recipes)
    return accepted(work, response, begun)


@router.post(ONE + ":upgrade", status_code=status.HTTP_202_ACCEPTED)
def start_upgrade(
    request: Request,
    response: Response,
    team: str,
    name: str,
    body: UpgradeBody,
    opener: Opening,
    by: TeamMember,
) -> Accepted | UpgradeView:
    """Replace an instance by another version or other settings; settings are kept.

    With `dry_run` only say what would change: 200 and the plan.
    """
    with opener.read() as work:
        made = _upgrade(request, work, team, name, body, by)
    if body.dry_run:
        response.status_code = status.HTTP_200_OK
        with opener.write() as work:
            row = upgrade.keep(work, made, minutes=request.app.state.settings.plan_minutes)
        return upgrade_view(row, made)
    with opener.write() as work:
        begun = upgrade.start(
            work, made, request.app.state.recipes, accepts=body.accept_permissions
        )
        return accepted(work, response, begun)


@router.post(ONE + ":rollback", status_code=status.HTTP_202_ACCEPTED)
def roll_back(
    request: Request, response: Response, team: str, name: str, work: OpenWork, by: TeamMember
) -> Accepted:
    """Go back to the version and the settings before the last upgrade."""
    begun = upgrade.roll_back(work, team, name, request.app.state.recipes)
    return accepted(work, response, begun)


def _upgrade(
    request: Request, work: Work, team: str, name: str, body: UpgradeBody, by: Actor
) -> Upgrade:
    around: Surroundings = request.app.state.around
    if not body.plan:
        wanted = upgrade.Request(team, name, body.version, body.inputs, body.secrets)
        return upgrade.make(work, wanted, by, around)
    row = plan.kept_row(work, body.plan, by)
    made = upgrade.kept(work, row, by, around)
    if (made.request.team, made.request.name) != (team, name):
        raise PlanOutdatedError(row.id, f"it is for {made.instance.label}")
    return made
