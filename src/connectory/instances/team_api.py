"""HTTP: what a team brings along for its instances: secrets and defaults."""

from typing import Annotated

from fastapi import APIRouter, Request, status
from pydantic import BaseModel, Field

from connectory.access.actors import TeamMember, TeamOwner, TeamViewer
from connectory.access.bodies import Body
from connectory.access.edge import Opening, OpenWork, ReadWork
from connectory.backends.secrets import SecretMissingError, Secrets, SecretUnreadableError
from connectory.instances import defaults, team_secrets
from connectory.instances.secret_views import SecretView, secret_view
from connectory.kernel.secret import Secret

router = APIRouter(prefix="/api/v1/teams/{team}", tags=["teams"])


class SecretBody(Body):
    """The value of a secret; it can be written and never read back."""

    value: Annotated[str, Field(repr=False)]


class UsedSecretView(SecretView):
    """A secret of a team, and the names of the instances that were handed it."""

    used_by: list[str]


class SecretList(BaseModel):
    """The secrets of a team, without their values."""

    items: list[UsedSecretView]


class Readable(BaseModel):
    """Whether the stored value can be opened."""

    readable: bool
    reason: str = ""


class DefaultsBody(Body):
    """Values for the settings of all instances in one environment."""

    inputs: dict[str, object]


class DefaultsView(BaseModel):
    """A team's defaults for one environment."""

    environment: str
    inputs: dict[str, object]


@router.get("/secrets")
def list_secrets(request: Request, team: str, work: ReadWork, by: TeamViewer) -> SecretList:
    """List the secrets of a team, without their values."""
    found = team_secrets.list_secrets(work, _secrets(request), team)
    users = team_secrets.users(work, team)
    return SecretList(
        items=[
            UsedSecretView(**secret_view(one).model_dump(), used_by=users.get(one.path, []))
            for one in found
        ]
    )


@router.put("/secrets/{name}")
def set_secret(
    request: Request, team: str, name: str, body: SecretBody, opener: Opening, by: TeamMember
) -> SecretView:
    """Store a value and let the name stand for it."""
    secrets, value = _secrets(request), Secret(body.value)
    made = team_secrets.set_secret(opener, secrets, team, name, value, by=by.name)
    return secret_view(made)


@router.post("/secrets/{name}:test")
def test_secret(request: Request, team: str, name: str, by: TeamMember) -> Readable:
    """Say whether the stored value can be opened, without showing it."""
    try:
        _secrets(request).read(team_secrets.path_of(team, name))
    except (SecretMissingError, SecretUnreadableError) as failure:
        return Readable(readable=False, reason=failure.message)
    return Readable(readable=True)


@router.delete("/secrets/{name}", status_code=status.HTTP_204_NO_CONTENT)
def delete_secret(
    request: Request, team: str, name: str, opener: Opening, by: TeamMember
) -> None:
    """Delete a secret that no instance was handed."""
    team_secrets.delete_secret(opener, _secrets(request), team, name)


@router.get("/defaults")
def show_defaults(
    team: str, work: ReadWork, by: TeamViewer, environment: str = "dev"
) -> DefaultsView:
    """Show a team's defaults for one environment."""
    inputs = defaults.defaults_of(work, team, environment)
    return DefaultsView(environment=environment, inputs=inputs)


@router.put("/defaults")
def set_defaults(
    team: str, body: DefaultsBody, work: OpenWork, by: TeamOwner, environment: str = "dev"
) -> DefaultsView:
    """Replace a team's defaults for one environment."""
    defaults.set_defaults(work, team, environment, body.inputs)
    return DefaultsView(environment=environment, inputs=body.inputs)


def _secrets(request: Request) -> Secrets:
    secrets: Secrets = request.app.state.backends.secrets
    return secrets
