"""GET and POST /t/…/i/…/upgrade and …/rollback: look at what changes, and change it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from connectory.access.actors import TeamMember
from connectory.access.edge import Opener, Opening
from connectory.access.rules import Actor
from connectory.catalog import read as catalog
from connectory.catalog.rules import Status, precedence
from connectory.instances import outdated, read, upgrade
from connectory.instances.read import Instance
from connectory.instances.rules import PlanOutdatedError, as_text
from connectory.instances.upgrade import Upgrade
from connectory.kernel.errors import ConnectoryError
from connectory.manifest.diff import Change, ChangeKind
from connectory.manifest.surface import Surface, surface
from connectory.web.answering import (
    REFUSED,
    Entered,
    see_other,
    sentence,
    show,
    trouble_of,
)
from connectory.web.pages.upgrade import Difference, RollbackPage, UpgradePage
from connectory.web.parts import Fact, Field, Option, Trouble
from connectory.web.routes import install_form
from connectory.web.routes.costs import cost_of
from connectory.web.routes.install_form import INPUTS, SECRETS
from connectory.work import Work

router = APIRouter(include_in_schema=False)

PAGE = "/t/{team}/i/{name}"
VERSION = "version"
SIGNS = {ChangeKind.ADDED: "add", ChangeKind.REMOVED: "remove", ChangeKind.CHANGED: "change"}


@router.get(PAGE + "/upgrade")
def ask(
    request: Request, team: str, name: str, opener: Opening, by: TeamMember
) -> HTMLResponse:
    """Show what the version and the settings in the address would change."""
    return show(request, _page(request, opener, by, team, name, request.query_params))


@router.post(PAGE + "/upgrade")
def start(
    request: Request, team: str, name: str, entered: Entered, opener: Opening, by: TeamMember
) -> Response:
    """Begin exactly the upgrade that was shown."""
    state = request.app.state
    accepts = entered.get("accept") == "yes"
    try:
        with opener.read() as work:
            one = read.instance(work, team, name)
            made = upgrade.make(work, _asked(work, one, entered), by, state.around)
        if made.content() != entered.get("promised"):
            raise PlanOutdatedError("this change", "it would do something else by now")
        with opener.write() as work:
            begun = upgrade.start(work, made, state.recipes, accepts=accepts)
        return see_other(f"/operations/{begun.operation}")
    except ConnectoryError as refused:
        trouble = trouble_of(refused)
    page = replace(_page(request, opener, by, team, name, entered), trouble=trouble)
    return show(request, page, REFUSED)


@router.get(PAGE + "/rollback")
def ask_back(
    request: Request, team: str, name: str, opener: Opening, by: TeamMember
) -> HTMLResponse:
    """Show how the version before differs from the one that runs."""
    with opener.read() as work:
        made = upgrade.make_back(work, team, name, by, request.app.state.around)
    lost = surface(made.before.manifest).grown_since(surface(made.plan.version.manifest))
    page = RollbackPage(
        team=team,
        name=name,
        old=made.before.release.version,
        new=made.plan.version.release.version,
        changes=_differences(made.changes),
        setting_changes=_differences(made.settings),
        reach=(*_reach("add", made.grown), *_reach("remove", lost)),
        problems=_problems(made),
    )
    return show(request, page)


@router.post(PAGE + "/rollback")
def roll_back(
    request: Request, team: str, name: str, opener: Opening, by: TeamMember
) -> Response:
    """Begin to go back to the version before."""
    with opener.write() as work:
        begun = upgrade.roll_back(work, team, name, request.app.state.recipes)
    return see_other(f"/operations/{begun.operation}")


def _page(
    request: Request,
    opener: Opener,
    by: Actor,
    team: str,
    name: str,
    entered: Mapping[str, str],
) -> UpgradePage:
    around = request.app.state.around
    with opener.read() as work:
        one = read.instance(work, team, name)
        made = upgrade.make(work, _asked(work, one, entered), by, around)
        versions = _versions(work, one, by)
    stored = tuple(entry.path for entry in around.secrets.entries(f"teams/{team}/"))
    return replace(
        _described(made),
        fields=_fields(made, versions, stored),
        entries=(
            (VERSION, made.request.version),
            *((INPUTS + key, as_text(value)) for key, value in made.request.inputs.items()),
            *((SECRETS + key, path) for key, path in made.request.secrets.items()),
        ),
    )


def _asked(work: Work, one: Instance, entered: Mapping[str, str]) -> upgrade.Request:
    """Return what a form asks for; a value that was left as it is keeps its source."""
    newest = outdated.newer(work, [one]).get(one.id, one.version)
    inputs = [key.removeprefix(INPUTS) for key in entered if key.startswith(INPUTS)]
    secrets = [key.removeprefix(SECRETS) for key in entered if key.startswith(SECRETS)]
    values = {key: as_text(value) for key, (value, _) in one.settings.items()}
    return upgrade.Request(
        team=one.team,
        name=one.name,
        version=entered.get(VERSION) or newest,
        inputs=install_form.changed(INPUTS, inputs, entered, values),
        secrets=install_form.changed(SECRETS, secrets, entered, one.secrets),
    )


def _versions(work: Work, one: Instance, by: Actor) -> tuple[str, ...]:
    """Return the installed version and all others that it can be changed to, newest first."""
    approved = {
        release.version
        for release in catalog.releases(work, one.connector, by)
        if release.status is Status.APPROVED
    }
    return tuple(sorted({*approved, one.version}, key=precedence, reverse=True))


def _fields(
    made: Upgrade, versions: Iterable[str], stored: tuple[str, ...]
) -> tuple[Field, ...]:
    now, new = made.before.release.version, made.plan.version
    wrong = {one.path: sentence(one.message) for one in made.plan.problems}
    examples = {one.name: one.example for one in new.manifest.inputs}
    options = tuple(
        Option(version, f"{version} (runs now)" if version == now else version)
        for version in versions
    )
    return (
        Field(
            name=VERSION,
            label="Version",
            kind="select",
            value=new.release.version,
            required=True,
            options=options,
        ),
        *(
            install_form.setting_field(one, examples[one.name], wrong)
            for one in made.plan.settings
        ),
        *(install_form.secret_field(one, stored, wrong) for one in made.plan.secrets),
    )


def _described(made: Upgrade) -> UpgradePage:
    return UpgradePage(
        team=made.instance.team,
        name=made.instance.name,
        connector=made.instance.connector.key,
        old=made.before.release.version,
        new=made.plan.version.release.version,
        promised=made.content(),
        changes=_differences(made.changes),
        setting_changes=_differences(made.settings),
        grown=made.grows,
        cost_before=cost_of(made.cost_before),
        cost=cost_of(made.plan.cost),
        problems=_problems(made),
    )


def _reach(sign: str, part: Surface) -> tuple[Difference, ...]:
    return tuple((sign, Fact(one, "")) for one in upgrade.in_words(part))


def _problems(made: Upgrade) -> tuple[Trouble, ...]:
    return tuple(
        Trouble(sentence(one.message), sentence(one.hint)) for one in made.plan.problems
    )


def _differences(changes: Iterable[Change]) -> tuple[Difference, ...]:
    return tuple((SIGNS[one.kind], difference(one)) for one in changes)


def difference(one: Change) -> Fact:
    """Describe how one thing differs: `#leads → #other`."""
    values = {
        ChangeKind.ADDED: as_text(one.new),
        ChangeKind.REMOVED: as_text(one.old),
        ChangeKind.CHANGED: f"{as_text(one.old)} → {as_text(one.new)}",
    }
    return Fact(one.path, values[one.kind])
