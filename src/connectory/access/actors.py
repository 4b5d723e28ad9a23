"""The actor types that routes name in their signatures: permission is part of the signature.

    def publish(..., by: Publisher) -> ...: ...

A test walks all routes and fails for one without such a parameter.
"""

from dataclasses import dataclass, field
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from connectory.access import read, rules
from connectory.access.rules import Actor, NotSignedInError, Role, Scope

TOKEN, OPTIONAL_TOKEN = "token", "optional token"  # how the OpenAPI document calls them


def _bearer() -> HTTPBearer:
    return HTTPBearer(description="A token: `cty_…`")


@dataclass(frozen=True, slots=True)
class Requirement(SecurityBase):
    """What a route asks of its actor. `role` is asked in the team that the path names.

    `opened_by` names the setting that lets in those who are not signed in; empty lets in none.
    """

    scope: Scope
    opened_by: str = ""
    role: Role | None = None
    admin: bool = False
    # FastAPI only reads these two; a requirement never changes.
    scheme_name: str = TOKEN  # pyrefly: ignore[bad-override]
    # pyrefly: ignore[bad-override]
    model: HTTPBearer = field(default_factory=_bearer, compare=False)

    async def __call__(self, request: Request) -> Actor:
        """Return the actor of the request, or refuse it.

        Raises:
            NotSignedInError, ScopeError, NotAdminError, TeamMissingError, RoleError: As the
                rules say.
        """
        actor: Actor = request.state.actor
        if actor.is_anonymous:
            if not self._lets_anonymous_in(request):
                raise NotSignedInError
            return actor
        rules.require_scope(actor, self.scope)
        if self.admin:
            rules.require_admin(actor)
        if self.role is not None:
            team: str = request.path_params["team"]
            rules.require_role(actor, self.role, team)
            if team not in actor.teams:  # an admin, who has every role in every team there is
                await to_thread.run_sync(_require_team, request, team)
        return actor

    def _lets_anonymous_in(self, request: Request) -> bool:
        settings = request.app.state.settings
        return (
            bool(self.opened_by)
            and settings.anonymous_read
            and getattr(settings, self.opened_by)
        )


OPEN = Requirement(Scope.READ, opened_by="anonymous_read", scheme_name=OPTIONAL_TOKEN)
TRYING = Requirement(Scope.OPERATE, opened_by="anonymous_try", scheme_name=OPTIONAL_TOKEN)


def _require_team(request: Request, team: str) -> None:
    with request.app.state.works.read() as work:
        read.require_team(work, team)


async def _anybody(request: Request) -> Actor:
    actor: Actor = request.state.actor
    return actor


Anybody = Annotated[Actor, Depends(_anybody)]
"""Everybody, whatever the settings: health, sign-in, hooks (which check their own key)."""

Visitor = Annotated[Actor, Depends(OPEN)]
"""Anybody who may read the catalog: signed in, or anonymous where the settings allow it."""

SignedIn = Annotated[Actor, Depends(Requirement(Scope.READ))]
"""Anybody with an account."""

Publisher = Annotated[Actor, Depends(Requirement(Scope.PUBLISH))]
"""Somebody who may publish; into which namespaces is decided with the manifest."""

BulkPublisher = Annotated[Actor, Depends(Requirement(Scope.BULK))]
"""Somebody who may publish many at once, with a token that was made for it by name."""

Operator = Annotated[Actor, Depends(Requirement(Scope.OPERATE))]
"""Somebody who may work with instances; of which team is decided with the body."""

Trier = Annotated[Actor, Depends(TRYING)]
"""Somebody who may run examples: as an operator, or anonymous where the settings allow it."""

TeamViewer = Annotated[Actor, Depends(Requirement(Scope.READ, role=Role.VIEWER))]
"""A member of the team in the path, of whatever role."""

TeamMember = Annotated[Actor, Depends(Requirement(Scope.OPERATE, role=Role.MEMBER))]
"""Somebody who may change the instances and secrets of the team in the path."""

TeamOwner = Annotated[Actor, Depends(Requirement(Scope.OPERATE, role=Role.OWNER))]
"""Somebody who may change the members and defaults of the team in the path."""

Admin = Annotated[Actor, Depends(Requirement(Scope.ADMIN, admin=True))]
"""An admin of the marketplace."""
