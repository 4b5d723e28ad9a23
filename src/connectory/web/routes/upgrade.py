"""GET and POST /t/…/i/…/upgrade, and POST …/rollback: look at what changes, and change it."""

from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from connectory.access.actors import TeamMember
from connectory.access.edge import Opener, Opening
from connectory.access.rules import Actor
from connectory.catalog.read import LATEST
from connectory.instances import upgrade
from connectory.instances.rules import PlanOutdatedError, as_text
from connectory.instances.upgrade import Upgrade
from connectory.kernel.errors import ConnectoryError
from connectory.manifest.diff import Change, ChangeKind
from connectory.web.answering import (
    REFUSED,
    Entered,
    see_other,
    sentence,
    show,
    trouble_of,
)
from connectory.web.pages.upgrade import UpgradePage
from connectory.web.parts import Fact, Trouble
from connectory.web.routes.costs import cost_of

router = APIRouter(include_in_schema=False)

PAGE = "/t/{team}/i/{name}"
SIGNS = {ChangeKind.ADDED: "add", ChangeKind.REMOVED: "remove", ChangeKind.CHANGED: "change"}


@router.get(PAGE + "/upgrade")
def ask(
    request: Request, team: str, name: str, opener: Opening, by: TeamMember
) -> HTMLResponse:
    """Show what the newest approved version would change."""
    return show(request, _page(request, opener, by, team, name))


@router.post(PAGE + "/upgrade")
def start(
    request: Request, team: str, name: str, entered: Entered, opener: Opening, by: TeamMember
) -> Response:
    """Begin exactly the upgrade that was shown."""
    state = request.app.state
    accepts = entered.get("accept") == "yes"
    wanted = upgrade.Request(team, name, entered.get("version", LATEST))
    try:
        with opener.read() as work:
            made = upgrade.make(work, wanted, by, state.around)
        if made.content() != entered.get("promised"):
            raise PlanOutdatedError("this upgrade", "it would do something else by now")
        with opener.write() as work:
            begun = upgrade.start(work, made, state.recipes, accepts=accepts)
        return see_other(f"/operations/{begun.operation}")
    except ConnectoryError as refused:
        trouble = trouble_of(refused)
    page = replace(_page(request, opener, by, team, name), trouble=trouble)
    return show(request, page, REFUSED)


@router.post(PAGE + "/rollback")
def roll_back(
    request: Request, team: str, name: str, opener: Opening, by: TeamMember
) -> Response:
    """Begin to go back to the version before."""
    with opener.write() as work:
        begun = upgrade.roll_back(work, team, name, request.app.state.recipes)
    return see_other(f"/operations/{begun.operation}")


def _page(request: Request, opener: Opener, by: Actor, team: str, name: str) -> UpgradePage:
    with opener.read() as work:
        around = request.app.state.around
        return _described(upgrade.make(work, upgrade.Request(team, name), by, around))


def _described(made: Upgrade) -> UpgradePage:
    return UpgradePage(
        team=made.instance.team,
        name=made.instance.name,
        connector=made.instance.connector.key,
        old=made.before.release.version,
        new=made.plan.version.release.version,
        promised=made.content(),
        changes=tuple((SIGNS[one.kind], _fact(one)) for one in made.changes),
        grown=made.grows,
        cost_before=cost_of(made.cost_before),
        cost=cost_of(made.plan.cost),
        problems=tuple(
            Trouble(sentence(one.message), sentence(one.hint)) for one in made.plan.problems
        ),
    )


def _fact(one: Change) -> Fact:
    values = {
        ChangeKind.ADDED: as_text(one.new),
        ChangeKind.REMOVED: as_text(one.old),
        ChangeKind.CHANGED: f"{as_text(one.old)} → {as_text(one.new)}",
    }
    return Fact(one.path, values[one.kind])
