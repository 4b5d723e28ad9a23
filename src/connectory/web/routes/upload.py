"""GET and POST /new/upload and /c/…/new-version: a manifest as text or file."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, BinaryIO, Literal

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, Response

from connectory.access.actors import Publisher
from connectory.access.edge import Opener, Opening, ReadWork
from connectory.access.rules import Actor
from connectory.catalog import read as catalog
from connectory.catalog.rules import Name
from connectory.catalog.written import page_of
from connectory.kernel.errors import ConnectoryError, Problem
from connectory.manifest import loader
from connectory.manifest.errors import ManifestError
from connectory.manifest.versions import raised, with_version
from connectory.publishing.release import Upload, publish
from connectory.web.answering import REFUSED, see_other, show, trouble_of
from connectory.web.pages.new import UploadPage
from connectory.web.routes.draft_form import finding_of
from connectory.work import Work

router = APIRouter(include_in_schema=False)

UPLOAD, NEW_VERSION = "/new/upload", "/c/{namespace}/{wanted}/new-version"
CHUNK = 256 * 1024
Part = Literal["patch", "minor", "major"]
EMPTY = UploadPage("Upload a manifest", UPLOAD)


@dataclass(frozen=True, slots=True)
class Sent:
    """What the form sent: a file of the manifest wins over its text."""

    manifest: bytes
    package: BinaryIO | None
    is_check: bool

    @property
    def text(self) -> str:
        """The manifest as the form shows it again."""
        return self.manifest.decode("utf-8", "replace")


async def _sent(
    manifest: Annotated[UploadFile | None, File()] = None,
    text: Annotated[str, Form()] = "",
    package: Annotated[UploadFile | None, File()] = None,
    action: Annotated[str, Form()] = "",
) -> Sent:
    # one byte more than allowed, so that the loader sees that it is too large
    raw = await manifest.read(loader.MAX_BYTES + 1) if manifest is not None else b""
    return Sent(
        manifest=raw or text.replace("\r\n", "\n").encode("utf-8", "replace"),
        package=package.file if package is not None and package.size else None,
        is_check=action == "check",
    )


Entries = Annotated[Sent, Depends(_sent)]


@router.get(UPLOAD)
def ask(request: Request, by: Publisher) -> HTMLResponse:
    """Show an empty form."""
    del by
    return show(request, EMPTY)


@router.post(UPLOAD)
def upload(request: Request, sent: Entries, opener: Opening, by: Publisher) -> Response:
    """Check or publish what was sent."""
    return _answer(request, EMPTY, sent, opener, by)


@router.get(NEW_VERSION)
def ask_version(
    request: Request,
    namespace: str,
    wanted: str,
    work: ReadWork,
    by: Publisher,
    part: Part = "patch",
) -> HTMLResponse:
    """Show the manifest of the newest version, its version raised."""
    return show(request, _next(work, Name(namespace, wanted), by, part))


@router.post(NEW_VERSION)
def add_version(
    request: Request,
    namespace: str,
    wanted: str,
    sent: Entries,
    opener: Opening,
    by: Publisher,
) -> Response:
    """Check or publish the next version."""
    with opener.read() as work:
        page = _next(work, Name(namespace, wanted), by, "patch")
    return _answer(request, replace(page, part=""), sent, opener, by)


def _next(work: Work, name: Name, by: Actor, part: Part) -> UploadPage:
    newest, *_ = catalog.releases(work, name, by)
    found = catalog.version(work, name, newest.version, by)
    raw = catalog.raw_manifest(work, newest)
    after = raised(newest.version, part)
    return UploadPage(
        title=f"New version of {found.manifest.name}",
        url=f"/c/{name.key}/new-version",
        source=(with_version(raw, newest.version, after) or raw).decode("utf-8", "replace"),
        namespace=name.namespace,
        id=name.id,
        version=newest.version,
        part=part,
    )


def _answer(
    request: Request, page: UploadPage, sent: Sent, opener: Opener, by: Actor
) -> Response:
    """Publish, or show the form again with everything that is wrong, line by line."""
    page = replace(page, source=sent.text)
    try:
        loaded = loader.load(sent.manifest)
        if not sent.is_check:
            chunks = None if sent.package is None else _chunks(sent.package)
            depot = request.app.state.depot
            done = publish(opener, depot, Upload(loaded, chunks), by)
            return see_other(page_of(done.added.release))
    except ManifestError as refused:
        return show(request, _said(page, refused.problems), REFUSED)
    except ConnectoryError as refused:
        return show(request, replace(page, troubles=(trouble_of(refused),)), REFUSED)
    with opener.read() as work:
        warnings = loader.warnings_on(loaded, work.now.date())
    return show(request, replace(_said(page, warnings), is_checked=True))


def _said(page: UploadPage, problems: tuple[Problem, ...]) -> UploadPage:
    return replace(page, findings=tuple(finding_of(one) for one in problems))


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk
