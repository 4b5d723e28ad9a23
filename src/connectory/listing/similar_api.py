"""HTTP: GET /api/v1/connectors/{namespace}/{id}/similar."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from connectory.access.actors import Visitor
from connectory.access.edge import ReadWork
from connectory.catalog import read as catalog
from connectory.catalog.rules import Name
from connectory.catalog.views import SimilarView
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
