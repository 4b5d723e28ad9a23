"""GET /t/…: a team; its forms are in `team_changes`."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from pydantic import Field as Value

from connectory.access import read as access
from connectory.access.actors import TeamViewer
from connectory.access.edge import Opener, Opening
from connectory.access.read import Token
from connectory.access.rules import Actor, Role, TeamMissingError
from connectory.backends.secrets import Secrets
from connectory.instances import defaults, read, team_secrets
from connectory.instances.read import Instance
from connectory.instances.rules import ENVIRONMENTS, Source, as_text
from connectory.kernel.paging import MAX_LIMIT
from connectory.web.answering import show
from connectory.web.pages.team import (
    DefaultRow,
    MemberRow,
    SecretRow,
    TeamPage,
    TeamTokenRow,
)
from connectory.web.parts import Field, InstanceRow, Link, Option
from connectory.web.routes.activity import WORDS, told
from connectory.web.routes.install_form import INPUTS
from connectory.web.sheets import twins_of
from connectory.work import Work, log

router = APIRouter(include_in_schema=False)

PAGE = "/t/{team}"
ENTRIES = 50
DONE = {
    "member": "The members were changed",
    "secret": "The secret is stored",
    "read": "The secret is stored and can be read",
    "deleted": "The secret is deleted",
    "defaults": "The defaults are saved",
    "token": "The token has ended, and all that was made with it",
}
"""What was just done, by the word that the address has for it."""


class Asked(BaseModel):
    """What the address asks for: an environment, entries of the log, and what was just done."""

    environment: str = ENVIRONMENTS[0]
    done: str = ""
    kind: str = ""
    before: int | None = Value(default=None, ge=1, lt=2**63)


@dataclass(frozen=True, slots=True)
class Entries:
    """What was entered into a form that is shown again."""

    secret_name: str = ""


NOTHING = Entries()
NEWEST = Asked()


@router.get(PAGE)
def show_team(
    request: Request,
    team: str,
    opener: Opening,
    by: TeamViewer,
    asked: Annotated[Asked, Query()],
) -> HTMLResponse:
    """Show a team: its instances, people, secrets, defaults and tokens, and what happened."""
    page = team_page(request, opener, team, by, asked)
    return show(request, replace(page, done=DONE.get(asked.done, "")))


def team_page(
    request: Request,
    opener: Opener,
    team: str,
    by: Actor,
    asked: Asked = NEWEST,
    entries: Entries = NOTHING,
) -> TeamPage:
    """Return a team as the reader may see it.

    Raises:
        TeamMissingError: If there is no such team.
        EnvironmentMissingError: If there is no such environment.
    """
    secrets: Secrets = request.app.state.backends.secrets
    with opener.read() as work:
        found = access.team(work, team)
        if found is None:
            raise TeamMissingError(team, by.teams)
        wanted = read.Wanted(teams=frozenset({team}), limit=MAX_LIMIT)
        running = read.instances(work, wanted)
        page = TeamPage(
            slug=team,
            title=found.title or team,
            namespaces=found.namespaces,
            role=by.teams.get(team, "admin" if by.is_admin else ""),
            instances=tuple(_instance(one) for one in running),
            members=tuple(MemberRow(one.account, one.role) for one in found.members),
            secrets=tuple(_secrets(work, secrets, team)),
            secret_form=_secret_form(entries.secret_name),
            defaults=tuple(_defaults(work, team, asked.environment, running)),
            default_form=_default_form(),
            environment=asked.environment,
            environments=tuple(Option(each, each) for each in ENVIRONMENTS),
            roles=tuple(Role),
            tokens=tuple(_tokens(work, team, found.namespaces, by)),
            instance_twins=twins_of(f"/t/{team}/instances"),
            activity_twins=twins_of(f"/t/{team}/activity"),
            may_change=by.has_role(Role.MEMBER, team),
            may_own=by.has_role(Role.OWNER, team),
        )
        return _with_activity(work, page, asked)


def _with_activity(work: Work, page: TeamPage, asked: Asked) -> TeamPage:
    rows = log.latest(
        work.db, ENTRIES + 1, team=page.slug, kind=asked.kind, before=asked.before
    )
    kinds = sorted((words.capitalize(), kind) for kind, words in WORDS.items())
    first = f"{page.url}?{urlencode({'kind': asked.kind})}" if asked.kind else page.url
    older = ""
    if len(rows) > ENTRIES:
        also = {"kind": asked.kind} if asked.kind else {}
        older = f"{page.url}?{urlencode({**also, 'before': rows[ENTRIES - 1].position})}"
    return replace(
        page,
        activity=told(rows[:ENTRIES]),
        activity_kind=asked.kind,
        activity_kinds=(
            Option("", "Everything"),
            *(Option(kind, words) for words, kind in kinds),
        ),
        older_url=f"{older}#activity" if older else "",
        newest_url=f"{first}#activity" if asked.before else "",
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


def _secrets(work: Work, secrets: Secrets, team: str) -> Iterator[SecretRow]:
    users = team_secrets.users(work, team)
    for one in team_secrets.list_secrets(work, secrets, team):
        entry = one.entry
        yield SecretRow(
            name=one.name,
            path=one.path,
            version=entry.version if entry else 0,
            set_at=entry.set_at if entry else None,
            set_by=entry.set_by if entry else "",
            used_by=tuple(_link(team, name) for name in users.get(one.path, ())),
        )


def _defaults(
    work: Work, team: str, environment: str, running: list[Instance]
) -> Iterator[DefaultRow]:
    for name, value in defaults.defaults_of(work, team, environment).items():
        users = tuple(
            _link(team, each.name)
            for each in running
            if each.environment == environment
            and each.settings.get(name, (None, ""))[1] == Source.TEAM
        )
        yield DefaultRow(name, Field(INPUTS + name, name, value=as_text(value)), users)


def _tokens(
    work: Work, team: str, namespaces: tuple[str, ...], by: Actor
) -> Iterator[TeamTokenRow]:
    if not by.has_role(Role.OWNER, team):
        return
    found: list[Token] = access.team_tokens(work, team)
    for one in found:
        yield TeamTokenRow(
            id=one.id,
            account=one.account,
            name=one.name,
            scopes=", ".join(sorted(one.scopes)),
            expires_at=one.expires_at,
            last_used=one.last_used_at,
            is_service=one.namespace in namespaces,
        )


def _link(team: str, instance: str) -> Link:
    return Link(instance, f"/t/{team}/i/{instance}")


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


def _default_form() -> tuple[Field, ...]:
    return (
        Field("new_name", "New setting", example="slack_channel"),
        Field("new_value", "Its value", example="#payments"),
    )
