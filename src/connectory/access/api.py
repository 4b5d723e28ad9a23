"""HTTP: /api/v1/me, /tokens, /teams."""

from typing import Annotated

from fastapi import APIRouter, Request, status
from pydantic import BaseModel, Field

from connectory.access import accounts, read, rules, signing_in
from connectory.access.account_api import PreferencesView, preferences_view
from connectory.access.actors import Admin, Operator, SignedIn, TeamOwner, TeamViewer
from connectory.access.bodies import Body
from connectory.access.edge import OpenWork, ReadWork
from connectory.access.rules import USUAL, Role, Scope, TeamMissingError
from connectory.access.signing_in import TokenRequest
from connectory.access.store import Token
from connectory.kernel.clock import rfc3339

router = APIRouter(prefix="/api/v1", tags=["access"])

Name = Annotated[str, Field(min_length=1, max_length=100)]


class Membership(BaseModel):
    """One team of an account, or one account of a team."""

    slug: str
    role: Role


class Me(BaseModel):
    """Who is asking."""

    account: str
    admin: bool
    teams: list[Membership]
    reviewer: list[str]
    scopes: list[str]
    via: str
    preferences: PreferencesView


class TokenBody(Body):
    """What a new token is for. `account` (alias `as`) needs an admin."""

    name: Name
    scopes: list[Scope] = Field(default_factory=list)
    days: int = 30
    namespace: str = ""
    account: str = Field(default="", alias="as")


class TokenView(BaseModel):
    """An access token without its value."""

    id: str
    name: str
    account: str
    scopes: list[str]
    namespace: str
    created_at: str
    expires_at: str
    last_used_at: str | None


class NewTokenView(TokenView):
    """An access token just made; the value is shown this once."""

    token: str


class TokenList(BaseModel):
    """The tokens of an account."""

    items: list[TokenView]


class TeamTokenView(TokenView):
    """A token that can act for a team; `service` ones publish into its namespaces."""

    service: bool


class TeamTokenList(BaseModel):
    """The tokens of a team's members, and those that publish into its namespaces."""

    items: list[TeamTokenView]


class TeamBody(Body):
    """A new team."""

    slug: str
    title: Annotated[str, Field(max_length=100)] = ""


class RoleBody(Body):
    """The role that an account is given."""

    role: Role


class MemberView(BaseModel):
    """One account of a team."""

    account: str
    role: Role


class TeamView(BaseModel):
    """A team with its members."""

    slug: str
    title: str
    members: list[MemberView]
    namespaces: list[str]


class TeamCard(BaseModel):
    """A team in a list."""

    slug: str
    title: str


class TeamList(BaseModel):
    """The teams that the caller may see."""

    items: list[TeamCard]


@router.get("/me")
def show_me(by: SignedIn) -> Me:
    """Say who is signed in and what they may do."""
    return Me(
        account=by.name,
        admin=by.is_admin,
        teams=[Membership(slug=slug, role=role) for slug, role in by.teams.items()],
        reviewer=sorted(by.reviews),
        scopes=sorted(by.scopes),
        via=by.via,
        preferences=preferences_view(by.preferences),
    )


@router.get("/tokens")
def list_tokens(work: ReadWork, by: SignedIn) -> TokenList:
    """List one's own tokens."""
    return TokenList(items=[_token(token) for token in read.tokens(work, by.name)])


@router.post("/tokens", status_code=status.HTTP_201_CREATED)
def create_token(
    request: Request, body: TokenBody, work: OpenWork, by: Operator
) -> NewTokenView:
    """Make a token; for another account only as an admin."""
    if body.account and body.account != by.name:
        rules.require_admin(by)
    wanted = frozenset(body.scopes)
    for scope in wanted:
        rules.require_makes(by, scope)
    made = signing_in.create_token(
        work,
        TokenRequest(
            account=body.account or by.name,
            name=body.name,
            days=body.days,
            scopes=wanted or by.scopes & USUAL,
            namespace=body.namespace,
            made_by=by.root,
        ),
        most_days=request.app.state.settings.token_days,
    )
    return NewTokenView(**_token(made.token).model_dump(), token=made.value.reveal())


@router.delete("/tokens/{token_id}", status_code=status.HTTP_204_NO_CONTENT)
def revoke_token(token_id: str, work: OpenWork, by: Operator) -> None:
    """End a token at once, and all tokens and sessions that were made with it."""
    signing_in.revoke_token(work, token_id, by=by)


@router.get("/teams")
def list_teams(work: ReadWork, by: SignedIn) -> TeamList:
    """List the teams that the caller is in; all of them for an admin."""
    return TeamList(
        items=[TeamCard(slug=slug, title=title) for slug, title in read.teams(work, by).items()]
    )


@router.post("/teams", status_code=status.HTTP_201_CREATED)
def create_team(body: TeamBody, work: OpenWork, by: Admin) -> TeamView:
    """Create a team and the namespace of its name; the caller becomes its owner."""
    accounts.create_team(work, body.slug, body.title)
    accounts.set_member(work, body.slug, by.name, Role.OWNER)
    return _team(work, body.slug)


@router.get("/teams/{team}")
def show_team(team: str, work: ReadWork, by: TeamViewer) -> TeamView:
    """Show a team with its members."""
    return _team(work, team)


@router.get("/teams/{team}/tokens")
def list_team_tokens(team: str, work: ReadWork, by: TeamOwner) -> TeamTokenList:
    """List the tokens with which others can act for the team, without their values."""
    names = set(read.namespaces_of_team(work, team))
    return TeamTokenList(
        items=[
            TeamTokenView(**_token(one).model_dump(), service=one.namespace in names)
            for one in read.team_tokens(work, team)
        ]
    )


@router.delete("/teams/{team}/tokens/{token_id}", status_code=status.HTTP_204_NO_CONTENT)
def revoke_team_token(team: str, token_id: str, work: OpenWork, by: TeamOwner) -> None:
    """End a token that publishes into a namespace of the team, whoever's it is."""
    signing_in.revoke_team_token(work, team, token_id)


@router.put("/teams/{team}/members/{account}")
def set_member(
    team: str, account: str, body: RoleBody, work: OpenWork, by: TeamOwner
) -> TeamView:
    """Give an account a role in the team."""
    accounts.set_member(work, team, account, body.role)
    return _team(work, team)


@router.delete("/teams/{team}/members/{account}", status_code=status.HTTP_204_NO_CONTENT)
def remove_member(team: str, account: str, work: OpenWork, by: TeamOwner) -> None:
    """Take an account out of the team."""
    accounts.remove_member(work, team, account)


def _team(work: ReadWork, slug: str) -> TeamView:
    found = read.team(work, slug)
    if found is None:
        raise TeamMissingError(slug, {})
    return TeamView(
        slug=found.slug,
        title=found.title,
        members=[MemberView(account=m.account, role=m.role) for m in found.members],
        namespaces=list(found.namespaces),
    )


def _token(token: Token) -> TokenView:
    return TokenView(
        id=token.id,
        name=token.name,
        account=token.account,
        scopes=sorted(token.scopes),
        namespace=token.namespace,
        created_at=rfc3339(token.created_at),
        expires_at=rfc3339(token.expires_at),
        last_used_at=rfc3339(token.last_used_at) if token.last_used_at else None,
    )
