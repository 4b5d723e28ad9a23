"""HTTP: what a version is made of."""

from typing import ClassVar

from fastapi import APIRouter
from fastapi.responses import Response

from connectory.access.actors import Visitor
from connectory.access.declared import of_type
from connectory.access.edge import ReadWork
from connectory.catalog import read as catalog
from connectory.catalog.rules import Name
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.vetting import sbom_store

MEDIA_TYPE = "application/vnd.cyclonedx+json"

router = APIRouter(prefix="/api/v1/connectors", tags=["vetting"])


class SbomMissingError(ConnectoryError):
    """The bill of materials of a version is not made yet."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "sbom-missing"

    def __init__(self, label: str) -> None:
        super().__init__(
            f"{label} has no bill of materials yet",
            hint="it is made with the first checks: look at GET .../checks, then ask again",
        )


@router.get(
    "/{namespace}/{connector}/versions/{version}/sbom",
    response_class=Response,
    responses={**of_type(MEDIA_TYPE)},
)
def show_sbom(
    namespace: str, connector: str, version: str, work: ReadWork, by: Visitor
) -> Response:
    """Return the bill of materials in CycloneDX, byte for byte as decisions are bound to it."""
    release = catalog.version(work, Name(namespace, connector), version, by).release
    known = sbom_store.get(work, release.digest)
    if known is None:
        raise SbomMissingError(release.label)
    file = f"{release.name.id}-{release.version}.cdx.json"
    headers = {
        "ETag": f'"{known.digest}"',
        "Content-Disposition": f'attachment; filename="{file}"',
    }
    return Response(known.content, media_type=MEDIA_TYPE, headers=headers)
