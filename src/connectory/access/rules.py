"""Who may do what: roles, scopes and the actor that carries them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from connectory.kernel.errors import ConnectoryError, Kind


class Role(StrEnum):
    """What a member of a team may do; each role may do all that the roles before it may."""

    VIEWER = "viewer"  # see the team's instances
    MEMBER = "member"  # publish, install, remove, set secrets
    OWNER = "owner"  # change members and defaults


RANK: Mapping[Role, int] = {role: rank for rank, role in enumerate(Role)}


class Reviewer(StrEnum):
    """The kinds of sign-off that an account can be asked for."""

    ARCHITECT = "architect"
    SECURITY = "security"
    OPS = "ops"
    PRODUCT = "product"


class Scope(StrEnum):
    """What a token may be used for; a browser session has all but `bulk`."""

    READ = "read"
    PUBLISH = "publish"
    OPERATE = "operate"
    ADMIN = "admin"
    BULK = "bulk"  # publish many at once, without the limit per hour


USUAL = frozenset(Scope) - {Scope.BULK}
"""What a credential may be used for unless it was made for less, or for `bulk` by name."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """How an account wants its pages; what it never chose is empty."""

    theme: str = ""  # light, dark or system
    density: str = ""  # comfortable or compact
    zone: str = ""  # an IANA name: `Europe/Berlin`


NO_PREFERENCES = Preferences()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking. Computed from present membership at each request, never kept."""

    name: str
    is_admin: bool = False
    teams: Mapping[str, Role] = field(default_factory=dict)
    reviews: frozenset[Reviewer] = frozenset()
    scopes: frozenset[Scope] = USUAL
    via: str = ""  # token id or `session`
    session: str = ""  # id of the browser session
    root: str = (
        ""  # the token with which this credential ends: itself, or what began the session
    )
    namespace: str = ""  # where a token publishes unless the manifest says otherwise
    preferences: Preferences = NO_PREFERENCES
    is_federated: bool = False  # an identity provider says what they may do, at each request

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody is signed in."""
        return not self.via

    def has_role(self, role: Role, team: str) -> bool:
        """Whether the actor has at least `role` in `team`; admins have every role."""
        if self.is_admin:
            return True
        mine = self.teams.get(team)
        return mine is not None and RANK[mine] >= RANK[role]


ANONYMOUS = Actor(name="anonymous", scopes=frozenset({Scope.READ}))


class NotSignedInError(ConnectoryError):
    """The request needs an account and carries no credential."""

    kind: ClassVar[Kind] = Kind.NOT_SIGNED_IN
    code: ClassVar[str] = "not-signed-in"

    def __init__(self) -> None:
        super().__init__(
            "this needs an account and nobody is signed in",
            hint="send `Authorization: Bearer <token>`, or sign in with `connectory login`",
        )


class BadCredentialError(ConnectoryError):
    """A token or session is unknown, expired, revoked, or its account is disabled."""

    kind: ClassVar[Kind] = Kind.NOT_SIGNED_IN
    code: ClassVar[str] = "bad-credential"

    def __init__(self) -> None:
        super().__init__(
            "the token is unknown, expired or revoked",
            hint="make a new one with `connectory token create`, or sign in again",
        )


class ScopeError(ConnectoryError):
    """The token was made for something else."""

    kind: ClassVar[Kind] = Kind.NOT_ALLOWED
    code: ClassVar[str] = "token-scope"

    def __init__(self, scope: Scope, has: frozenset[Scope]) -> None:
        super().__init__(
            f"this token cannot be used to {scope}; it was made for: {', '.join(sorted(has))}",
            hint=f"use a token with the scope `{scope}`",
            scope=scope,
        )


class NotAdminError(ConnectoryError):
    """Only an admin may do this."""

    kind: ClassVar[Kind] = Kind.NOT_ALLOWED
    code: ClassVar[str] = "not-admin"

    def __init__(self) -> None:
        super().__init__("only an admin may do this", hint="ask an admin of this marketplace")


class TeamMissingError(ConnectoryError):
    """There is no such team, or the caller is not in it."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "team-missing"

    def __init__(self, team: str, known: Mapping[str, object]) -> None:
        mine = ", ".join(sorted(known)) or "none"
        super().__init__(
            f"you are in no team called `{team[:80]}`", hint=f"your teams: {mine}", team=team
        )


class RoleError(ConnectoryError):
    """The caller is in the team, but with a smaller role than this needs."""

    kind: ClassVar[Kind] = Kind.NOT_ALLOWED
    code: ClassVar[str] = "team-role"

    def __init__(self, team: str, has: Role, wanted: Role) -> None:
        super().__init__(
            f"you are {has} of {team}, and this needs {wanted}",
            hint=f"ask an owner of {team}",
            team=team,
        )


def require_makes(actor: Actor, scope: Scope) -> None:
    """Refuse to make a token for something that one's own credential is not for.

    `bulk` lifts a limit, so an admin gives it, and whoever has it hands it on.

    Raises:
        ScopeError, NotAdminError: If the credential is not strong enough.
    """
    if scope is Scope.BULK and scope not in actor.scopes:
        require_scope(actor, Scope.ADMIN)
        require_admin(actor)
        return
    require_scope(actor, scope)


def require_scope(actor: Actor, scope: Scope) -> None:
    """Refuse an actor whose credential was not made for `scope`.

    Raises:
        NotSignedInError: If nobody is signed in and the scope is more than reading.
        ScopeError: If the token lacks the scope.
    """
    if scope in actor.scopes:
        return
    raise NotSignedInError if actor.is_anonymous else ScopeError(scope, actor.scopes)


def require_role(actor: Actor, role: Role, team: str) -> None:
    """Refuse an actor without `role` in `team`.

    Raises:
        NotSignedInError: If nobody is signed in.
        TeamMissingError: If the actor is not in the team, whether or not there is one.
        RoleError: If the actor's role is too small.
    """
    if actor.is_anonymous:
        raise NotSignedInError
    if actor.has_role(role, team):
        return
    if team not in actor.teams:
        raise TeamMissingError(team, actor.teams)
    raise RoleError(team, actor.teams[team], role)


def require_overseer(actor: Actor) -> None:
    """Refuse everybody but accounts of admins; a token that may only read is enough.

    Raises:
        NotSignedInError: If nobody is signed in.
        NotAdminError: If the account is no admin.
    """
    if actor.is_anonymous:
        raise NotSignedInError
    if not actor.is_admin:
        raise NotAdminError


def require_admin(actor: Actor) -> None:
    """Refuse everybody but admins.

    Raises:
        NotSignedInError: If nobody is signed in.
        NotAdminError: If the account is no admin.
        ScopeError: If the token of an admin was not made for administration.
    """
    if actor.is_anonymous:
        raise NotSignedInError
    if not actor.is_admin:
        raise NotAdminError
    require_scope(actor, Scope.ADMIN)
