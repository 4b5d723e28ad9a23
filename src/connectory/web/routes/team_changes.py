"""The forms of a team's page: members, secrets, defaults and tokens."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from connectory.access import accounts, signing_in
from connectory.access.actors import TeamMember, TeamOwner
from connectory.access.edge import Opener, Opening
from connectory.access.rules import Actor, Role
from connectory.backends.secrets import Secrets
from connectory.instances import defaults, team_secrets
from connectory.instances.rules import as_text
from connectory.kernel.errors import ConnectoryError
from connectory.kernel.secret import Secret
from connectory.web.answering import REFUSED, Entered, see_other, show, trouble_of
from connectory.web.routes.install_form import INPUTS
from connectory.web.routes.team import NEWEST, NOTHING, PAGE, Entries, team_page

router = APIRouter(include_in_schema=False)


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
        team_secrets.set_secret(opener, _secrets(request), team, name, value, by=by.name)
    except ConnectoryError as refused:
        return _refused(request, opener, team, by, refused, Entries(secret_name=name))
    return _done(team, "secret", tab="secrets")


@router.post(PAGE + "/defaults")
def save_defaults(
    request: Request, team: str, entered: Entered, opener: Opening, by: TeamOwner
) -> Response:
    """Replace the defaults of one environment; one that is emptied or removed is forgotten."""
    environment = entered.get("environment", "")
    sent = {
        name.removeprefix(INPUTS): value
        for name, value in entered.items()
        if name.startswith(INPUTS) and value
    }
    added = entered.get("new_name", "").strip()
    if added and entered.get("new_value"):
        sent[added] = entered["new_value"]
    sent.pop(entered.get("remove", ""), None)
    try:
        with opener.write() as work:
            known = defaults.defaults_of(work, team, environment)
            same = {
                name: value for name, value in known.items() if as_text(value) == sent.get(name)
            }
            defaults.set_defaults(work, team, environment, {**sent, **same})
    except ConnectoryError as refused:
        return _refused(request, opener, team, by, refused)
    return _done(team, "defaults", tab="defaults", environment=environment)


@router.post(PAGE + "/secrets/test")
def test_secret(
    request: Request,
    team: str,
    name: Annotated[str, Form()],
    opener: Opening,
    by: TeamMember,
) -> Response:
    """Say whether a stored value can be opened, without showing it."""
    try:
        _secrets(request).read(team_secrets.path_of(team, name))
    except ConnectoryError as refused:
        return _refused(request, opener, team, by, refused)
    return _done(team, "read", tab="secrets")


@router.post(PAGE + "/secrets/delete")
def delete_secret(
    request: Request,
    team: str,
    name: Annotated[str, Form()],
    opener: Opening,
    by: TeamMember,
) -> Response:
    """Delete a secret that no instance was handed."""
    try:
        team_secrets.delete_secret(opener, _secrets(request), team, name)
    except ConnectoryError as refused:
        return _refused(request, opener, team, by, refused)
    return _done(team, "deleted", tab="secrets")


@router.post(PAGE + "/tokens/revoke")
def revoke_token(
    request: Request,
    team: str,
    token: Annotated[str, Form(alias="id")],
    opener: Opening,
    by: TeamOwner,
) -> Response:
    """End a token that publishes into a namespace of the team."""
    try:
        with opener.write() as work:
            signing_in.revoke_team_token(work, team, token)
    except ConnectoryError as refused:
        return _refused(request, opener, team, by, refused)
    return _done(team, "token", tab="tokens")


def _done(team: str, what: str, *, tab: str, **also: str) -> Response:
    return see_other(f"/t/{team}?{urlencode({'done': what, **also})}#{tab}")


def _refused(
    request: Request,
    opener: Opener,
    team: str,
    by: Actor,
    refused: ConnectoryError,
    entries: Entries = NOTHING,
) -> Response:
    trouble = trouble_of(refused)
    page = team_page(request, opener, team, by, NEWEST, entries)
    return show(request, replace(page, troubles=(trouble,)), REFUSED)


def _secrets(request: Request) -> Secrets:
    secrets: Secrets = request.app.state.backends.secrets
    return secrets
