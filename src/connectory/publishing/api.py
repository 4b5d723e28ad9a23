"""HTTP: publish a release, or check a manifest without publishing it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Depends, File, Request, Response, UploadFile, status
from pydantic import BaseModel, WithJsonSchema

from connectory.access.actors import Publisher
from connectory.access.declared import also
from connectory.access.edge import Opening, ReadWork
from connectory.access.rules import Actor
from connectory.catalog.views import SimilarView
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.manifest import loader
from connectory.manifest.errors import ManifestError
from connectory.manifest.model import Manifest
from connectory.publishing.release import (
    MOST_TEXT,
    Depot,
    Upload,
    publish,
    text_of,
)
from connectory.publishing.views import ProblemView, Published, problem_view, published_view
from connectory.work import Work

router = APIRouter(prefix="/api/v1", tags=["publishing"])

CHUNK = 256 * 1024
FORMS = ("multipart/", "application/x-www-form-urlencoded")
BINARY = WithJsonSchema({"type": "string", "format": "binary"})
Part = Annotated[UploadFile | None, File(), BINARY]


class ManifestMissingError(ConnectoryError):
    """A publication came without a manifest."""

    kind = Kind.USAGE
    code = "manifest-missing"

    def __init__(self) -> None:
        super().__init__(
            "the request has no manifest",
            hint="send it as the form part `manifest`, or as a body of application/yaml",
            field="manifest",
        )


class Checked(BaseModel):
    """What a check found; `manifest` is the normal form of a valid one.

    `similar` are the nearest duplicates of a valid one in the catalog, the most alike first.
    """

    valid: bool
    problems: list[ProblemView]
    warnings: list[ProblemView]
    manifest: dict[str, object] | None
    similar: list[SimilarView]


Nearest = Callable[[Work, Manifest, str, Actor], list[SimilarView]]
"""Finds the nearest duplicates of a manifest; above this slice somebody can."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The parts of a publication, whichever way they came."""

    manifest: bytes
    package: BinaryIO | None
    readme: str
    runbook: str


async def _sent(
    request: Request,
    manifest: Part = None,
    package: Part = None,
    readme: Part = None,
    runbook: Part = None,
) -> Sent:
    # one byte more than allowed, so that the loader sees that it is too large
    limit = loader.MAX_BYTES + 1
    if manifest is not None:
        raw = await manifest.read(limit)
    elif request.headers.get("content-type", "").startswith(FORMS):
        raise ManifestMissingError
    else:
        raw = (await request.body())[:limit]
    if not raw:
        raise ManifestMissingError
    return Sent(
        manifest=raw,
        package=package.file if package is not None else None,
        readme=await _text(readme),
        runbook=await _text(runbook),
    )


Parts = Annotated[Sent, Depends(_sent)]


@router.post(
    "/connectors",
    status_code=status.HTTP_201_CREATED,
    responses={**also(200, "The same bytes were there", Published)},
)
def publish_connector(
    request: Request, response: Response, by: Publisher, sent: Parts, opener: Opening
) -> Published:
    """Publish the version that a manifest describes, with its package where it has one."""
    depot: Depot = request.app.state.depot
    loaded = loader.load(sent.manifest)
    package = _chunks(sent.package) if sent.package is not None else None
    upload = Upload(loaded, package, readme=sent.readme, runbook=sent.runbook)
    done = publish(opener, depot, upload, by)
    if not done.added.created:
        response.status_code = status.HTTP_200_OK
    return published_view(done)


@router.post("/connectors:validate")
def validate(request: Request, by: Publisher, sent: Parts, work: ReadWork) -> Checked:
    """Say everything that is wrong with a manifest; nothing is kept."""
    try:
        loaded = loader.load(sent.manifest)
    except ManifestError as refused:
        found = [problem_view(one) for one in refused.problems]
        return Checked(valid=False, problems=found, warnings=[], manifest=None, similar=[])
    warnings = [problem_view(one) for one in loader.warnings_on(loaded, work.now.date())]
    nearest: Nearest = request.app.state.nearest
    manifest = loaded.manifest
    own = f"{manifest.namespace or by.namespace}/{manifest.id}"
    return Checked(
        valid=True,
        problems=[],
        warnings=warnings,
        manifest=loaded.normal,
        similar=nearest(work, manifest, own, by),
    )


async def _text(part: UploadFile | None) -> str:
    if part is None:
        return ""
    return text_of(await part.read(MOST_TEXT))


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk
