"""HTTP: pause, resume, restart, rotate, upgrade and roll back an instance."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status
from pydantic import Field

from connectory.access.actors import TeamMember, TeamViewer
from connectory.access.bodies import Body
from connectory.access.edge import Opener, Opening, ReadWork
from connectory.access.rules import Actor
from connectory.catalog.read import LATEST
from connectory.instances import change, history, plan, read, upgrade
from connectory.instances.accepting import Accepted, accepted
from connectory.instances.plan import Surroundings
from connectory.instances.previews import (
    HistoryView,
    PreviewView,
    RollbackView,
    history_view,
    preview_view,
    rollback_view,
)
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


class ChangeBody(Body):
    """What all changes can be asked for: only to say what they would do."""

    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """Whether a change shall only be previewed, and the answer to say it in."""

    is_dry: bool
    response: Response


def asked_for(
    response: Response, body: ChangeBody | None = None, *, dry_run: bool = False
) -> Terms:
    """Read `dry_run` from address or body; a preview begins nothing, so it answers 200."""
    terms = Terms(dry_run or (body is not None and body.dry_run), response)
    if terms.is_dry:
        response.status_code = status.HTTP_200_OK
    return terms


Asked = Annotated[Terms, Depends(asked_for)]

router = APIRouter(prefix="/api/v1", tags=["instances"])

ONE = "/teams/{team}/instances/{name}"


@router.post(ONE + ":pause", status_code=status.HTTP_202_ACCEPTED)
def pause(
    request: Request, asked: Asked, team: str, name: str, opener: Opening, by: TeamMember
) -> Accepted | PreviewView:
    """Stop an instance and keep everything of it; its hooks ask callers to come back."""
    return _turned(request, asked, opener, team, name, change.PAUSE)


@router.post(ONE + ":resume", status_code=status.HTTP_202_ACCEPTED)
def resume(
    request: Request, asked: Asked, team: str, name: str, opener: Opening, by: TeamMember
) -> Accepted | PreviewView:
    """Start a paused instance again, as it was."""
    return _turned(request, asked, opener, team, name, change.RESUME)


@router.post(ONE + ":restart", status_code=status.HTTP_202_ACCEPTED)
def restart(
    request: Request, asked: Asked, team: str, name: str, opener: Opening, by: TeamMember
) -> Accepted | PreviewView:
    """Stop the process of an instance and start a new one with the same settings."""
    return _turned(request, asked, opener, team, name, change.RESTART)


@router.post(ONE + ":rotate", status_code=status.HTTP_202_ACCEPTED)
def rotate(
    request: Request, asked: Asked, team: str, name: str, opener: Opening, by: TeamMember
) -> Accepted | PreviewView:
    """Give an instance a new hook key and the team's secrets as they are now."""
    return _turned(request, asked, opener, team, name, change.ROTATE)


@router.post(ONE + ":upgrade", status_code=status.HTTP_202_ACCEPTED)
def start_upgrade(
    request: Request,
    response: Response,
    team: str,
    name: str,
    body: UpgradeBody,
    opener: Opening,
    by: TeamMember,
    *,
    dry_run: bool = False,
) -> Accepted | UpgradeView:
    """Replace an instance by another version or other settings; settings are kept.

    With `dry_run` only say what would change: 200 and the plan.
    """
    with opener.read() as work:
        made = _upgrade(request, work, team, name, body, by)
    if dry_run or body.dry_run:
        response.status_code = status.HTTP_200_OK
        with opener.write() as work:
            row = upgrade.keep(work, made, minutes=request.app.state.settings.plan_minutes)
        return upgrade_view(row, made)
    plan.note_refusal(opener, made.plan)
    with opener.write() as work:
        begun = upgrade.start(
            work, made, request.app.state.recipes, accepts=body.accept_permissions
        )
        return accepted(work, response, begun)


@router.post(ONE + ":rollback", status_code=status.HTTP_202_ACCEPTED)
def roll_back(
    request: Request, asked: Asked, team: str, name: str, opener: Opening, by: TeamMember
) -> Accepted | RollbackView:
    """Go back to the version and the settings before the last upgrade.

    With `dry_run` only say what would change: 200.
    """
    state, recipe = request.app.state, request.app.state.recipes[change.ROLLBACK]
    if asked.is_dry:
        with opener.read() as work:
            made = upgrade.make_back(work, team, name, by, state.around)
        return rollback_view(made, recipe)
    with opener.write() as work:
        begun = upgrade.roll_back(work, team, name, state.recipes)
        return accepted(work, asked.response, begun)


@router.get(ONE + "/versions")
def show_versions(team: str, name: str, work: ReadWork, by: TeamViewer) -> HistoryView:
    """List what an instance has run, newest first: version, since when, by whom, settings."""
    return history_view(history.of(work, read.instance(work, team, name)))


def _turned(
    request: Request, asked: Terms, opener: Opener, team: str, name: str, kind: str
) -> Accepted | PreviewView:
    recipes = request.app.state.recipes
    if asked.is_dry:
        with opener.read() as work:
            return preview_view(change.preview(work, team, name, kind, recipes))
    with opener.write() as work:
        begun = change.turn(work, team, name, kind, recipes)
        return accepted(work, asked.response, begun)


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
