"""GET and POST /c/…/install: fill in, look at the plan, install it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, ClassVar

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from connectory.access import read as access
from connectory.access import rules
from connectory.access.actors import Operator, SignedIn
from connectory.access.edge import Opener, Opening
from connectory.access.rules import Actor, Role
from connectory.catalog.read import Version
from connectory.instances import change, plan
from connectory.instances.plan import Plan, Surroundings
from connectory.instances.rules import BLOCKING, as_text
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.web.answering import REFUSED, Entered, see_other, show, trouble_of
from connectory.web.pages.install import PlanView, SettingRow
from connectory.web.parts import Fact, Permissions, SecretNeed
from connectory.web.render import short_digest
from connectory.web.routes import install_form
from connectory.web.routes.connector import version_at
from connectory.web.routes.costs import cost_of
from connectory.web.routes.install_form import Choices
from connectory.web.routes.schedules import planned_row
from connectory.work import Work

router = APIRouter(include_in_schema=False)

FORM = "/c/{namespace}/{wanted}/install"


class NoTeamError(ConnectoryError):
    """The reader is in no team for which they could install something."""

    kind: ClassVar[Kind] = Kind.NOT_ALLOWED
    code: ClassVar[str] = "no-team"

    def __init__(self, account: str) -> None:
        super().__init__(
            f"{account} is in no team that could install something",
            hint="ask an owner of a team to add you as a member",
        )


class Where(BaseModel):
    """Where to install, as far as the address says."""

    team: str = ""
    environment: str = "dev"
    name: str = ""


@router.get(FORM)
def ask(
    request: Request,
    namespace: str,
    wanted: str,
    opener: Opening,
    by: SignedIn,
    where: Annotated[Where, Query()],
) -> HTMLResponse:
    """Show the form, filled in with the defaults of a team."""
    around: Surroundings = request.app.state.around
    with opener.read() as work:
        version = version_at(work, namespace, wanted, by)
        team = where.team or next(iter(_teams(work, by)))
        rules.require_role(by, Role.MEMBER, team)
        kept = install_form.inputs_in(request.query_params, version)
        begun = replace(_request(version, team, where), inputs=kept)
        made = plan.make(work, begun, by, around)
        choices = _choices(work, around, by, team)
    blocking = tuple(one for one in made.problems if one.code in BLOCKING)
    return show(request, install_form.form(made, choices, blocking))


@router.post(FORM)
def preview_or_install(
    request: Request,
    namespace: str,
    wanted: str,
    entered: Entered,
    opener: Opening,
    by: Operator,
) -> Response:
    """Show the plan that the form leads to, or install the plan that was shown."""
    try:
        if entered.get("action") == "install":
            return _install(request, opener, by, entered.get("plan", ""))
        refused = None
    except ConnectoryError as error:
        refused = trouble_of(error)
    with opener.read() as work:
        version = version_at(work, namespace, wanted, by)
        made = _planned(work, version, entered, by, request.app.state.around)
        choices = _choices(work, request.app.state.around, by, made.request.team)
    page = install_form.form(made, choices, made.problems)
    if refused is not None:
        page = replace(page, troubles=(refused, *page.troubles))
    if made.is_ready:
        with opener.write() as work:
            row = plan.keep(work, made, minutes=request.app.state.settings.plan_minutes)
        view = _view(row.id, row.expires_at, made)
        page = replace(page, plan=view, entries=install_form.entries(made.request))
    return show(request, page, REFUSED if page.troubles else 200)


def _install(request: Request, opener: Opener, by: Actor, plan_id: str) -> Response:
    state = request.app.state
    with opener.read() as work:
        _, made = plan.kept(work, plan_id, by, state.around)
    rules.require_role(by, Role.MEMBER, made.request.team)
    with opener.write() as work:
        begun = change.install(work, made, state.recipes)
    return see_other(f"/operations/{begun.operation}")


def _request(version: Version, team: str, where: Where) -> plan.Request:
    release = version.release
    return plan.Request(
        connector=release.name.key,
        version=release.version,
        team=team,
        environment=where.environment,
        name=where.name,
    )


def _planned(
    work: Work, version: Version, entered: Mapping[str, str], by: Actor, around: Surroundings
) -> Plan:
    """Return the plan for what was entered, seen against what the form was filled with."""
    rules.require_role(by, Role.MEMBER, entered.get("team", ""))
    team = entered.get("prefilled_team", "")
    prefilled = None
    if team and by.has_role(Role.MEMBER, team):
        where = Where(environment=entered.get("prefilled_environment", ""))
        prefilled = plan.make(work, _request(version, team, where), by, around)
    return plan.make(work, install_form.asked(entered, version, prefilled), by, around)


def _teams(work: Work, by: Actor) -> tuple[str, ...]:
    able = tuple(team for team in access.teams(work, by) if by.has_role(Role.MEMBER, team))
    if not able:
        raise NoTeamError(by.name)
    return able


def _choices(work: Work, around: Surroundings, by: Actor, team: str) -> Choices:
    stored = around.secrets.entries(f"teams/{team}/")
    return Choices(_teams(work, by), around.regions, tuple(entry.path for entry in stored))


def _view(plan_id: str, expires_at: datetime, made: Plan) -> PlanView:
    release, place = made.version.release, made.place
    return PlanView(
        id=plan_id,
        team=made.request.team,
        instance=made.request.name,
        facts=(
            Fact("Connector", release.label, code=True),
            Fact("Digest", short_digest(release.digest), code=True),
            Fact("Environment", place.environment),
            Fact("Target", ", ".join(filter(None, (place.target, place.region)))),
        ),
        settings=tuple(
            SettingRow(one.name, one.title, as_text(one.value), one.source)
            for one in made.settings
            if one.value is not None
        ),
        secrets=tuple(
            SecretNeed(one.name, one.description, one.state, one.path, one.instructions)
            for one in made.secrets
        ),
        permissions=Permissions(made.permissions.will, made.permissions.will_not),
        cost=cost_of(made.cost),
        creates=tuple(
            Fact(one.kind.capitalize(), f"{one.name}, {one.detail}") for one in made.creates
        ),
        removal=made.removal,
        schedules=tuple(planned_row(one) for one in made.schedules),
        containment=made.containment,
        expires_at=expires_at,
    )
