"""HTTP: the connectors that do much the same, and what becomes of them."""

from typing import Annotated

from fastapi import APIRouter, Request, status
from pydantic import BaseModel, Field

from connectory.access.actors import Publisher, Visitor
from connectory.access.bodies import Body
from connectory.access.edge import OpenWork, ReadWork
from connectory.catalog import read as catalog
from connectory.catalog.rules import Name
from connectory.catalog.views import SimilarView
from connectory.listing import deciding
from connectory.listing.deciding import Choice, Decision
from connectory.listing.similar import similar, views

router = APIRouter(prefix="/api/v1/connectors", tags=["catalog"])


class SimilarList(BaseModel):
    """Connectors that do much the same, the most alike first."""

    items: list[SimilarView]


@router.get("/{namespace}/{connector}/similar")
def list_similar(
    request: Request, namespace: str, connector: str, work: ReadWork, by: Visitor
) -> SimilarList:
    """List the connectors that do much the same, with how alike they are and why."""
    name = Name(namespace, connector)
    manifest = catalog.shown(work, name, by).manifest
    found = similar(work, request.app.state.backends.search, manifest, name.key, by)
    return SimilarList(items=views(found))


class DecisionBody(Body):
    """What becomes of a connector beside another that does much the same, and why."""

    other: Annotated[str, Field(max_length=200, pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")]
    decision: Choice
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class DecisionView(BaseModel):
    """A decision, as it is in the log."""

    connector: str
    other: str
    decision: Choice
    reason: str


@router.post("/{namespace}/{connector}/similar:decide", status_code=status.HTTP_201_CREATED)
def decide_similar(
    namespace: str, connector: str, body: DecisionBody, work: OpenWork, by: Publisher
) -> DecisionView:
    """Say what becomes of a duplicate: the other is adopted, it is a fork, or both stay."""
    name, other = Name(namespace, connector), Name(*body.other.split("/"))
    deciding.decide(work, name, other, Decision(body.decision, body.reason), by)
    return DecisionView(connector=name.key, **body.model_dump())
