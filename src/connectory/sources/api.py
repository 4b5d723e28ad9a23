"""HTTP: repositories whose connectors are published as they are merged."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response, status
from pydantic import BaseModel, Field

from connectory.access.actors import Admin, Anybody, Operator, SignedIn
from connectory.access.bodies import Body
from connectory.access.edge import Opening, OpenWork, ReadWork
from connectory.access.rules import Reviewer
from connectory.sources import hook, manage, store
from connectory.sources.hook import Call
from connectory.sources.manage import Rule
from connectory.sources.rules import MOST_SYNCS, Source
from connectory.sources.views import (
    SourceList,
    SourceMade,
    SourceView,
    SyncList,
    SyncLog,
    SyncView,
    source_views,
    sync_log,
    sync_views,
)

router = APIRouter(tags=["sources"])

ALL = "/api/v1/sources"
ONE = ALL + "/{source}"
Text = Annotated[str, Field(max_length=300)]
Login = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]


class SourceBody(Body):
    """What to pull and into which namespace; without one it is that of the team's name.

    `secret` names a secret of the team that opens the repository: a token with read access.
    """

    name: Text
    url: Annotated[str, Field(max_length=2000)]
    branch: Text = "main"
    folder: Text = "connectors"
    team: Text
    namespace: Text = ""
    secret: Text = ""


class SyncBody(Body):
    """With `anew`, also what has not changed since it was published is looked at again."""

    anew: bool = False


class SignOffsBody(Body):
    """As the sign-off of which roles a merge counts; security always looks for itself.

    `people` says which account somebody has whom the repository's host, or their commits,
    call by another name: `{"ana-smith": "ana"}`.
    """

    roles: Annotated[list[Reviewer], Field(max_length=len(Reviewer))]
    people: Annotated[dict[Login, Text], Field(max_length=1000, default_factory=dict)]


class Heard(BaseModel):
    """The sync that a webhook call led to; null if the call was about something else."""

    sync: str | None


@router.get(ALL)
def list_sources(request: Request, work: ReadWork, by: SignedIn) -> SourceList:
    """List the repositories that are pulled for one's teams."""
    url = request.app.state.settings.url
    return SourceList(items=source_views(work, manage.mine(work, by), url))


@router.post(ALL, status_code=status.HTTP_201_CREATED)
def add_source(request: Request, body: SourceBody, opener: Opening, by: Operator) -> SourceMade:
    """Pull a repository from now on. The secret of its webhook is shown in this answer only."""
    state = request.app.state
    with opener.read() as work:
        now = work.now
    wish = Source(
        name=body.name,
        url=body.url,
        branch=body.branch,
        folder=body.folder,
        team=body.team,
        namespace=body.namespace or body.team,
        secret=body.secret,
        added_by=by.name,
        added_at=now,
    )
    key = manage.add(opener, state.backends.secrets, state.git_rules, wish, by)
    with opener.read() as work:
        [made] = source_views(work, [wish], state.settings.url)
    return SourceMade(**made.model_dump(), hook_secret=key.reveal())


@router.get(ONE)
def show_source(request: Request, source: str, work: ReadWork, by: SignedIn) -> SourceView:
    """Show a repository that is pulled, and its last pull."""
    found = manage.visible(work, source, by)
    return source_views(work, [found], request.app.state.settings.url)[0]


@router.delete(ONE, status_code=status.HTTP_204_NO_CONTENT)
def remove_source(request: Request, source: str, opener: Opening, by: Operator) -> None:
    """Pull a repository no more; what it published stays."""
    manage.remove(opener, request.app.state.backends.secrets, source, by)


@router.put(ONE + "/sign-offs")
def count_merges(
    request: Request, source: str, body: SignOffsBody, opener: Opening, by: Admin
) -> SourceMade:
    """Let a merge count as a sign-off. The new secret of the webhook is shown this once."""
    state = request.app.state
    rule = Rule(tuple(body.roles), body.people)
    key = manage.count_merges(opener, state.backends.secrets, source, rule, by)
    with opener.read() as work:
        found = manage.visible(work, source, by)
        [told] = source_views(work, [found], state.settings.url)
    return SourceMade(**told.model_dump(), hook_secret=key.reveal())


@router.delete(ONE + "/sign-offs", status_code=status.HTTP_204_NO_CONTENT)
def stop_counting(source: str, opener: Opening, by: Admin) -> None:
    """Let merges count as nobody's sign-off."""
    manage.stop_counting(opener, source, by)


@router.get(ONE + "/syncs")
def list_syncs(
    source: str,
    work: ReadWork,
    by: SignedIn,
    limit: Annotated[int, Query(ge=1, le=MOST_SYNCS)] = 20,
) -> SyncList:
    """List the pulls of a source."""
    found = manage.visible(work, source, by)
    return SyncList(items=sync_views(work, store.syncs(work, found.name, limit)))


@router.post(ONE + "/syncs", status_code=status.HTTP_202_ACCEPTED)
def start_sync(
    response: Response,
    source: str,
    work: OpenWork,
    by: Operator,
    body: SyncBody | None = None,
) -> SyncView:
    """Pull a source soon. One that waits already is the one that is meant."""
    asked = manage.ask_as(work, source, by, anew=body is not None and body.anew)
    response.headers["Location"] = f"{ALL}/{source}/syncs/{asked.id}"
    return sync_views(work, [asked])[0]


@router.get(ONE + "/syncs/{sync}")
def show_sync(source: str, sync: str, work: ReadWork, by: SignedIn) -> SyncLog:
    """Show the log of a pull: what became of each folder, why, and what to do next."""
    return sync_log(work, manage.visible_sync(work, source, sync, by))


async def _body(request: Request) -> bytes:
    return await request.body()


@router.post("/hooks/git/{source}", status_code=status.HTTP_202_ACCEPTED)
def hear_push(
    request: Request,
    source: str,
    opener: Opening,
    by: Anybody,
    body: Annotated[bytes, Depends(_body)],
    signature: Annotated[str, Header(alias="X-Hub-Signature-256")] = "",
    token: Annotated[str, Header(alias="X-Gitlab-Token")] = "",
) -> Heard:
    """Hear of a push by GitHub's, Gitea's or GitLab's webhook, and pull the source soon."""
    call = Call(body, signature, token)
    asked = hook.receive(opener, request.app.state.backends.secrets, source, call)
    return Heard(sync=asked.id if asked else None)
