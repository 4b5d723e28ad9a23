"""GET /static/…: style sheet, modules and icon, kept by browsers as long as they are these."""

from typing import ClassVar

from fastapi import APIRouter, Request, Response

from connectory.access.actors import Anybody
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.web.assets import ASSETS

router = APIRouter(include_in_schema=False)


class AssetMissingError(ConnectoryError):
    """There is no static file of this name."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "asset-missing"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"there is no static file `{name[:80]}`", hint="load the page again; it names them"
        )


@router.get("/static/{digest}/{name}")
def static(request: Request, digest: str, name: str, by: Anybody) -> Response:
    """Send a static file, compressed for whoever takes it so."""
    asset = ASSETS.files.get(name)
    if asset is None:
        raise AssetMissingError(name)
    headers = {"Cache-Control": ASSETS.caching(digest), "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.gzipped, media_type=asset.media_type, headers=headers)
    return Response(asset.plain, media_type=asset.media_type, headers=headers)
