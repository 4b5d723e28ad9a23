"""HTTP: trusted publishers, and the exchange of their jobs' identity tokens."""

from typing import Annotated

from fastapi import APIRouter, Request, status
from pydantic import BaseModel, Field

from connectory.access.actors import Anybody, Operator, SignedIn
from connectory.access.bodies import Body
from connectory.access.edge import Opening, OpenWork, ReadWork
from connectory.kernel.clock import rfc3339
from connectory.publishing import publishers
from connectory.publishing.issuers import MOST_BYTES
from connectory.publishing.publisher_rules import Host, Publisher

router = APIRouter(prefix="/api/v1", tags=["publishing"])

ALL = "/namespaces/{namespace}/publishers"
GITHUB = "https://token.actions.githubusercontent.com"
Text = Annotated[str, Field(max_length=300)]


class PublisherBody(Body):
    """Which jobs may publish. `workflow` is its file; `environment` empty accepts any."""

    name: Text
    host: Host = Host.GITHUB
    issuer: Text = GITHUB
    repository: Text
    workflow: Text
    branch: Text = "main"
    environment: Text = ""


class PublisherView(BaseModel):
    """Jobs that may publish into a namespace, and the account as which they do."""

    name: str
    namespace: str
    host: str
    issuer: str
    repository: str
    workflow: str
    branch: str
    environment: str
    account: str
    audience: str
    added_by: str
    added_at: str


class PublisherList(BaseModel):
    """The trusted publishers of a namespace, by name."""

    items: list[PublisherView]


class JobBody(Body):
    """The identity token that the CI system gave a job, with this marketplace as audience."""

    token: Annotated[str, Field(min_length=1, max_length=MOST_BYTES)]


class JobToken(BaseModel):
    """A token that publishes for some minutes. It is shown this once."""

    token: str
    account: str
    namespace: str
    expires_at: str


@router.get(ALL)
def list_publishers(
    request: Request, namespace: str, work: ReadWork, by: SignedIn
) -> PublisherList:
    """List the jobs that may publish into a namespace of one's team."""
    found = publishers.mine(work, namespace, by)
    return PublisherList(items=[_view(request, one) for one in found])


@router.post(ALL, status_code=status.HTTP_201_CREATED)
def add_publisher(
    request: Request, namespace: str, body: PublisherBody, work: OpenWork, by: Operator
) -> PublisherView:
    """Let jobs of a repository publish into a namespace, without a stored token."""
    wish = Publisher(
        **body.model_dump(), namespace=namespace, added_by=by.name, added_at=work.now
    )
    publishers.add(work, wish, request.app.state.issuers.policy, by)
    return _view(request, wish)


@router.delete(ALL + "/{publisher}", status_code=status.HTTP_204_NO_CONTENT)
def remove_publisher(namespace: str, publisher: str, work: OpenWork, by: Operator) -> None:
    """Let jobs publish no more; what they hold stops working at once."""
    publishers.remove(work, namespace, publisher, by)


@router.post("/auth/token-exchange")
def exchange_token(request: Request, body: JobBody, opener: Opening, by: Anybody) -> JobToken:
    """Trade the identity token of a CI job for a token that publishes for 15 minutes."""
    made = publishers.exchange(opener, request.app.state.issuers, body.token)
    return JobToken(
        token=made.value.reveal(),
        account=made.token.account,
        namespace=made.token.namespace,
        expires_at=rfc3339(made.token.expires_at),
    )


def _view(request: Request, one: Publisher) -> PublisherView:
    return PublisherView(
        name=one.name,
        namespace=one.namespace,
        host=one.host,
        issuer=one.issuer,
        repository=one.repository,
        workflow=one.workflow,
        branch=one.branch,
        environment=one.environment,
        account=one.account,
        audience=request.app.state.issuers.audience,
        added_by=one.added_by,
        added_at=rfc3339(one.added_at),
    )
