"""HTTP: the package of a version, byte for byte."""

from collections.abc import Iterator
from itertools import chain
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from connectory.access.actors import Visitor
from connectory.access.declared import of_type
from connectory.access.edge import Opening
from connectory.backends.blobs import Blobs
from connectory.catalog import read
from connectory.catalog.rules import Name
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.packages import read as packages

router = APIRouter(prefix="/api/v1/connectors", tags=["catalog"])


class NoPackageError(ConnectoryError):
    """The version was published as a manifest alone."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "no-package"

    def __init__(self, label: str) -> None:
        super().__init__(
            f"{label} was published without a package",
            hint="its manifest is all there is: GET .../manifest",
        )


@router.get(
    "/{namespace}/{connector}/versions/{version}/package",
    response_class=StreamingResponse,
    responses={**of_type("application/gzip")},
)
def show_package(
    request: Request, namespace: str, connector: str, version: str, opener: Opening, by: Visitor
) -> StreamingResponse:
    """Return the package byte for byte as it was published."""
    with opener.read() as work:
        release = read.version(work, Name(namespace, connector), version, by).release
        digest = release.package_digest
        if digest is None:
            raise NoPackageError(release.label)
        size = packages.packages_of(work, [digest])[digest].size
    chunks = _chunks(request.app.state.backends.blobs, digest)
    first = next(chunks)  # what is missing is said before the answer begins
    file = f"{release.name.id}-{release.version}.tar.gz"
    headers = {
        "ETag": f'"{digest}"',
        "Content-Length": str(size),
        "Content-Disposition": f'attachment; filename="{file}"',
    }
    return StreamingResponse(chain([first], chunks), 200, headers, "application/gzip")


def _chunks(blobs: Blobs, digest: str) -> Iterator[bytes]:
    with blobs.open(digest) as chunks:
        yield from chunks
