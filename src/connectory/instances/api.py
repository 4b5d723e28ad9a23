"""HTTP: plans and instances."""

from typing import Annotated, Self

from fastapi import APIRouter, Query, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from connectory.access import rules as access
from connectory.access.actors import Operator, SignedIn, TeamMember, TeamViewer
from connectory.access.bodies import Body
from connectory.access.declared import also
from connectory.access.edge import Opening, OpenWork, ReadWork
from connectory.access.rules import Actor, Role
from connectory.catalog.read import LATEST
from connectory.instances import change, outdated, plan, quarantined, read, upgrade, views
from connectory.instances.accepting import Accepted, accepted
from connectory.instances.change import Begun
from connectory.instances.crew import Crew
from connectory.instances.plan import Plan, Surroundings
from connectory.instances.read import Wanted
from connectory.instances.rules import PlanOutdatedError
from connectory.instances.store import Instance
from connectory.instances.views import (
    HealthView,
    InstanceCard,
    InstanceView,
    PlanView,
    UpgradeView,
)
from connectory.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT, read_cursor, write_cursor
from connectory.operations import read as operations
from connectory.operations.read import OperationRow
from connectory.work import Work

router = APIRouter(prefix="/api/v1", tags=["instances"])

CURSOR = "instances"


class InstallBody(Body):
    """What to install: a plan by its id and nothing else, or everything that makes one."""

    plan: str = ""
    connector: str = ""
    version: str = LATEST
    environment: str = "dev"
    target: str = "local"
    inputs: dict[str, object] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _name_one(self) -> Self:
        is_plan_alone = self.plan and len(self.model_fields_set) == 1
        if not is_plan_alone and (self.plan or not self.connector):
            raise PydanticCustomError("one-of", "name a `plan` alone, or a `connector`")
        return self


class PlanBody(Body):
    """What somebody wants to install, and where."""

    connector: str
    team: str
    name: str = ""
    version: str = LATEST
    environment: str = "dev"
    target: str = "local"
    inputs: dict[str, object] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict)


class Filters(BaseModel):
    """Which instances to list."""

    model_config = ConfigDict(extra="forbid")

    team: str = ""
    outdated: bool = False
    cursor: str = ""
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)


class InstanceList(BaseModel):
    """Instances by team and name; `next` continues the list."""

    items: list[InstanceCard]
    next: str | None


@router.post("/plans", status_code=status.HTTP_201_CREATED)
def make_plan(request: Request, body: PlanBody, opener: Opening, by: Operator) -> PlanView:
    """Say what an install would do, cost and be able to do; nothing is changed."""
    access.require_role(by, Role.MEMBER, body.team)
    wanted = plan.Request(**body.model_dump())
    with opener.read() as work:
        made = plan.make(work, wanted, by, _around(request))
    with opener.write() as work:
        row = plan.keep(work, made, minutes=request.app.state.settings.plan_minutes)
    return views.plan_view(row, made)


@router.get("/plans/{plan_id}")
def show_plan(
    request: Request, plan_id: str, work: ReadWork, by: SignedIn
) -> UpgradeView | PlanView:
    """Show a plan that was made, as it stands now."""
    row = plan.kept_row(work, plan_id, by)
    if row.is_upgrade:
        return views.upgrade_view(row, upgrade.kept(work, row, by, _around(request)))
    row, made = plan.kept(work, plan_id, by, _around(request))
    return views.plan_view(row, made)


@router.get("/instances")
def list_all(
    request: Request, work: ReadWork, by: SignedIn, asked: Annotated[Filters, Query()]
) -> InstanceList:
    """List the instances of the caller's teams."""
    teams = None if by.is_admin else frozenset(by.teams)
    if asked.team:
        teams = frozenset({asked.team}) if teams is None else teams & {asked.team}
    return _page(request, work, teams, asked)


@router.get("/teams/{team}/instances")
def list_instances(
    request: Request,
    team: str,
    work: ReadWork,
    by: TeamViewer,
    asked: Annotated[Filters, Query()],
) -> InstanceList:
    """List the instances of a team."""
    return _page(request, work, frozenset({team}), asked)


@router.put(
    "/teams/{team}/instances/{name}",
    status_code=status.HTTP_202_ACCEPTED,
    responses={**also(200, "It is installed like this already", Accepted)},
)
def install(
    request: Request,
    response: Response,
    team: str,
    name: str,
    body: InstallBody,
    opener: Opening,
    by: TeamMember,
) -> Accepted:
    """Install a plan or a connector under this name. Sending it again changes nothing."""
    with opener.read() as work:
        wanted = _wanted(request, work, body, team, name, by)
    plan.note_refusal(opener, wanted)
    with opener.write() as work:
        begun = change.install(work, wanted, request.app.state.recipes)
        answer = accepted(work, response, begun)
        if not begun.is_new and _is_over(work, begun):
            response.status_code = status.HTTP_200_OK
    return answer


@router.get("/teams/{team}/instances/{name}")
def show_instance(
    request: Request, team: str, name: str, opener: Opening, by: TeamViewer
) -> InstanceView:
    """Show an instance, its settings, and how it is doing."""
    crew: Crew = request.app.state.crew
    with opener.read() as work:
        one = read.instance(work, team, name)
        [card] = _cards(work, [one])
        manifest = crew.launcher.version_of(work, one).manifest
        kept = read.kept_health(work, [one]).get(one.id)
        stop = quarantined.stop_of(work, one)
    urls = views.hook_urls(one, manifest, crew.launcher.url)
    return views.instance_view(card, one, read.health(crew.targets, one, kept), urls, stop)


@router.get("/teams/{team}/instances/{name}/health")
def show_health(
    request: Request, team: str, name: str, opener: Opening, by: TeamViewer
) -> HealthView:
    """Ask the instance how it is doing."""
    with opener.read() as work:
        one = read.instance(work, team, name)
        kept = read.kept_health(work, [one]).get(one.id)
    return views.health_view(read.health(request.app.state.crew.targets, one, kept))


@router.delete("/teams/{team}/instances/{name}", status_code=status.HTTP_202_ACCEPTED)
def remove(
    request: Request, response: Response, team: str, name: str, work: OpenWork, by: TeamMember
) -> Accepted:
    """Remove an instance and everything of it."""
    begun = change.remove(work, team, name, request.app.state.recipes)
    return accepted(work, response, begun)


def _wanted(
    request: Request, work: Work, body: InstallBody, team: str, name: str, by: Actor
) -> Plan:
    around = _around(request)
    if body.plan:
        row, made = plan.kept(work, body.plan, by, around)
        if (row.team, made.request.name) != (team, name):
            raise PlanOutdatedError(row.id, f"it is for {row.team}/{made.request.name}")
        return made
    asked = body.model_dump(exclude={"plan"})
    return plan.make(work, plan.Request(**asked, team=team, name=name), by, around)


def _is_over(work: Work, begun: Begun) -> bool:
    return operations.active_on(work, begun.instance.id) is None


def _page(
    request: Request, work: Work, teams: frozenset[str] | None, asked: Filters
) -> InstanceList:
    key: bytes = request.app.state.cursor_key
    after = [str(v) for v in read_cursor(key, CURSOR, asked.cursor)] if asked.cursor else []
    team, name = after or ("", "")
    wanted = Wanted(teams=teams, after=(team, name), limit=asked.limit + 1)
    look = outdated.outdated if asked.outdated else read.instances
    found = look(work, wanted)
    more = None
    if len(found) > asked.limit:
        last = found[asked.limit - 1]
        more = write_cursor(key, CURSOR, [last.team, last.name])
    return InstanceList(items=_cards(work, found[: asked.limit]), next=more)


def _cards(work: Work, found: list[Instance]) -> list[InstanceCard]:
    last: dict[str, OperationRow] = operations.last_on(work, [one.id for one in found])
    newer = outdated.newer(work, found)
    return [views.instance_card(one, last.get(one.id), newer.get(one.id)) for one in found]


def _around(request: Request) -> Surroundings:
    around: Surroundings = request.app.state.around
    return around
