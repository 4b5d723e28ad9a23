"""GET /t/…: a team; its forms change members, secrets and defaults."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from connectory.access import accounts
from connectory.access import read as access
from connectory.access.actors import TeamMember, TeamOwner, TeamViewer
from connectory.access.edge import Opener, Opening
from connectory.access.rules import Actor, Role, TeamMissingError
from connectory.backends.secrets import Secrets
from connectory.instances import defaults, read, team_secrets
from connectory.instances.read import Instance
from connectory.instances.rules import ENVIRONMENTS, as_text
from connectory.instances.team_secrets import TeamSecret
from connectory.kernel.errors import ConnectoryError
from connectory.kernel.paging import MAX_LIMIT
from connectory.kernel.secret import Secret
from connectory.web.answering import REFUSED, Entered, see_other, show, trouble_of
from connectory.web.pages.team import MemberRow, SecretRow, TeamPage
from connectory.web.parts import Field, InstanceRow, Option
from connectory.web.routes.activity import told
from connectory.web.routes.install_form import INPUTS
from connectory.work import log

router = APIRouter(include_in_schema=False)

PAGE = "/t/{team}"
ENTRIES = 50
DONE = {
    "member": "The members were changed",
    "secret": "The secret is stored",
    "defaults": "The defaults are saved",
}
"""What was just done, by the word that the address has for it."""


class Asked(BaseModel):
    """What the address asks for: an environment, and what was just done."""

    environment: str = "dev"
    done: str = ""


@router.get(PAGE)
def show_team(
    request: Request,
    team: str,
    opener: Opening,
    by: TeamViewer,
    asked: Annotated[Asked, Query()],
) -> HTMLResponse:
    """Show a team: its instances, people, secrets and defaults."""
    page = _page(request, opener, team, by, environment=asked.environment)
    return show(request, replace(page, done=DONE.get(asked.done, "")))


@router.post(PAGE + "/members")
def add_member(
    request: Request,
    team: str,
    account: Annotated[str, Form()],
    role: Annotated[Role, Form()],
    opener: Opening,
    by: TeamOwner,
) -> Response:
    """Give an account a role in the team."""
    try:
        with opener.write() as work:
            accounts.set_member(work, team, account.strip(), role)
    except ConnectoryError as refused:
        return _refused(request, opener, team, by, refused)
    return _done(team, "member", tab="members")


@router.post(PAGE + "/members/remove")
def remove_member(
    request: Request,
    team: str,
    account: Annotated[str, Form()],
    opener: Opening,
    by: TeamOwner,
) -> Response:
    """Take an account out of the team."""
    try:
        with opener.write() as work:
            accounts.remove_member(work, team, account)
    except ConnectoryError as refused:
        return _refused(request, opener, team, by, refused)
    return _done(team, "member", tab="members")


@router.post(PAGE + "/secrets")
def store_secret(
    request: Request, team: str, entered: Entered, opener: Opening, by: TeamMember
) -> Response:
    """Store a value. It is never put back into the form."""
    name, value = entered.get("name", "").strip(), Secret(entered.get("value", ""))
    try:
        secrets: Secrets = request.app.state.backends.secrets
        team_secrets.set_secret(opener, secrets, team, name, value, by=by.name)
    except ConnectoryError as refused:
        return _refused(request, opener, team, by, refused, secret_name=name)
    return _done(team, "secret", tab="secrets")


@router.post(PAGE + "/defaults")
def save_defaults(
    request: Request, team: str, entered: Entered, opener: Opening, by: TeamOwner
) -> Response:
    """Replace the defaults of one environment; an emptied one is forgotten."""
    environment = entered.get("environment", "")
    values: dict[str, object] = {
        name.removeprefix(INPUTS): value
        for name, value in entered.items()
        if name.startswith(INPUTS) and value
    }
    added = entered.get("new_name", "").strip()
    if added and entered.get("new_value"):
        values[added] = entered["new_value"]
    try:
        with opener.write() as work:
            defaults.set_defaults(work, team, environment, values)
    except ConnectoryError as refused:
        return _refused(request, opener, team, by, refused)
    return _done(team, "defaults", tab="defaults", environment=environment)


def _done(team: str, what: str, *, tab: str, **also: str) -> Response:
    return see_other(f"/t/{team}?{urlencode({'done': what, **also})}#{tab}")


def _refused(
    request: Request,
    opener: Opener,
    team: str,
    by: Actor,
    refused: ConnectoryError,
    *,
    secret_name: str = "",
) -> Response:
    trouble = trouble_of(refused)
    page = _page(request, opener, team, by, secret_name=secret_name)
    return show(request, replace(page, troubles=(trouble,)), REFUSED)


def _page(
    request: Request,
    opener: Opener,
    team: str,
    by: Actor,
    *,
    environment: str = ENVIRONMENTS[0],
    secret_name: str = "",
) -> TeamPage:
    secrets: Secrets = request.app.state.backends.secrets
    with opener.read() as work:
        found = access.team(work, team)
        if found is None:
            raise TeamMissingError(team, by.teams)
        wanted = read.Wanted(teams=frozenset({team}), limit=MAX_LIMIT)
        return TeamPage(
            slug=team,
            title=found.title or team,
            namespaces=found.namespaces,
            role=by.teams.get(team, "admin" if by.is_admin else ""),
            instances=tuple(_instance(one) for one in read.instances(work, wanted)),
            members=tuple(MemberRow(one.account, one.role) for one in found.members),
            secrets=tuple(
                _secret(one) for one in team_secrets.list_secrets(work, secrets, team)
            ),
            secret_form=_secret_form(secret_name),
            defaults=_defaults_form(defaults.defaults_of(work, team, environment)),
            environment=environment,
            environments=tuple(Option(each, each) for each in ENVIRONMENTS),
            roles=tuple(Role),
            activity=told(log.latest(work.db, ENTRIES, team=team)),
            may_change=by.has_role(Role.MEMBER, team),
            may_own=by.has_role(Role.OWNER, team),
        )


def _instance(one: Instance) -> InstanceRow:
    return InstanceRow(
        team=one.team,
        name=one.name,
        connector=one.connector.key,
        connector_url=f"/c/{one.connector.key}@{one.version}",
        version=one.version,
        environment=one.environment,
        state=one.state,
        created_at=one.created_at,
    )


def _secret(one: TeamSecret) -> SecretRow:
    entry = one.entry
    return SecretRow(
        name=one.name,
        path=one.path,
        version=entry.version if entry else 0,
        set_at=entry.set_at if entry else None,
        set_by=entry.set_by if entry else "",
    )


def _secret_form(name: str) -> tuple[Field, ...]:
    return (
        Field(
            name="name",
            label="Name",
            value=name,
            hint="As connectors ask for it, for example slack_bot_token.",
            required=True,
        ),
        Field(
            name="value",
            label="Value",
            kind="secret",
            hint="Stored encrypted. It is never shown again.",
            required=True,
        ),
    )


def _defaults_form(values: Mapping[str, object]) -> tuple[Field, ...]:
    known = (Field(INPUTS + name, name, value=as_text(v)) for name, v in values.items())
    new = (
        Field("new_name", "New setting", example="slack_channel"),
        Field("new_value", "Its value", example="#payments"),
    )
    return (*known, *new)
