"""HTTP: one connector, its versions, their manifests and status."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status
from pydantic import BaseModel, Field

from connectory.access.actors import Admin, Visitor
from connectory.access.bodies import Body
from connectory.access.declared import of_type
from connectory.access.edge import Opening, OpenWork, ReadWork, in_turn
from connectory.access.frequent import FrequentRoute
from connectory.access.rules import Actor
from connectory.backends.search import Search
from connectory.catalog import decide, identity, read, views
from connectory.catalog.compare import compare
from connectory.catalog.read import DocumentMissingError
from connectory.catalog.rules import Name, Status
from connectory.catalog.store import Release
from connectory.catalog.views import ConnectorView, DiffView, VersionCard, VersionView
from connectory.work import Work

router = APIRouter(prefix="/api/v1/connectors", tags=["catalog"])
of_one = APIRouter(prefix="/api/v1/connectors", tags=["catalog"], route_class=FrequentRoute)


class VersionList(BaseModel):
    """The versions of a connector, newest first."""

    items: list[VersionCard]


class StatusBody(Body):
    """A decision about a version, with its reason."""

    status: Status
    message: Annotated[str, Field(max_length=2000)] = ""


class PermitBody(Body):
    """Why an id may be used although it looks like another's, or was another's."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


@of_one.get("/{namespace}/{connector}", response_model=ConnectorView)
async def show_connector(
    request: Request, namespace: str, connector: str, opener: Opening, by: Visitor
) -> Response:
    """Show a connector by the version that stands for it."""
    name = Name(namespace, connector)
    search: Search = request.app.state.backends.search
    is_behind = name.key in read.touched(opener.works.latest)  # before the index is asked
    body = search.body(name.key)
    if not is_behind and (known := read.json_for_all(body)):
        return Response(known, media_type="application/json")

    def answer() -> Response:
        with opener.read() as work:
            found = read.json_for(work, name, by, body)
        return Response(found, media_type="application/json")

    return await in_turn(request, answer)


@router.get("/{connector}", response_model=ConnectorView)
def show_by_id(request: Request, connector: str, work: ReadWork, by: Visitor) -> Response:
    """Show a connector by its bare id, where only one namespace has it."""
    search: Search = request.app.state.backends.search
    name = read.resolve(work, connector, by)
    found = read.json_for(work, name, by, search.body(name.key))
    return Response(found, media_type="application/json")


@router.get("/{namespace}/{connector}/versions")
def list_versions(namespace: str, connector: str, work: ReadWork, by: Visitor) -> VersionList:
    """List the versions of a connector, newest first."""
    found = read.releases(work, Name(namespace, connector), by)
    return VersionList(items=[views.version_card(release) for release in found])


@router.get("/{namespace}/{connector}/versions/{version}")
def show_version(
    namespace: str, connector: str, version: str, work: ReadWork, by: Visitor
) -> VersionView:
    """Show one version; `latest` is the newest approved one."""
    found = read.version(work, Name(namespace, connector), version, by)
    return views.version_view(found, read.normal(work, found.release))


@router.get(
    "/{namespace}/{connector}/versions/{version}/manifest",
    response_class=Response,
    responses={**of_type("application/yaml")},
)
def show_manifest(
    namespace: str,
    connector: str,
    version: str,
    work: ReadWork,
    by: Visitor,
) -> Response:
    """Return the manifest byte for byte as it was published."""
    release = read.version(work, Name(namespace, connector), version, by).release
    tag = f'"{release.manifest_digest}"'
    raw = read.raw_manifest(work, release)
    headers = {"ETag": tag, **_saved_as(release, "manifest.yaml")}
    return Response(raw, media_type="application/yaml", headers=headers)


@router.get(
    "/{namespace}/{connector}/versions/{version}/readme",
    response_class=Response,
    responses={**of_type("text/markdown")},
)
def show_readme(
    namespace: str, connector: str, version: str, work: ReadWork, by: Visitor
) -> Response:
    """Return the version's README as Markdown."""
    return _document(work, Name(namespace, connector), version, "readme", by)


@router.get(
    "/{namespace}/{connector}/versions/{version}/runbook",
    response_class=Response,
    responses={**of_type("text/markdown")},
)
def show_runbook(
    namespace: str, connector: str, version: str, work: ReadWork, by: Visitor
) -> Response:
    """Return the version's runbook as Markdown."""
    return _document(work, Name(namespace, connector), version, "runbook", by)


@router.get("/{namespace}/{connector}/versions/{version}/surface")
def show_surface(
    namespace: str, connector: str, version: str, work: ReadWork, by: Visitor
) -> dict[str, list[str]]:
    """Return what the version exposes: secrets, scopes, hosts, regions, data, triggers."""
    found = read.version(work, Name(namespace, connector), version, by)
    return views.version_view(found, {}).surface


@router.get("/{namespace}/{connector}/versions/{version}/diff")
def show_diff(
    request: Request,
    namespace: str,
    connector: str,
    version: str,
    work: ReadWork,
    by: Visitor,
    since: Annotated[
        str, Query(alias="from", description="`1.2.0`, or another's: `bizops/other@1.2.0`.")
    ],
) -> DiffView:
    """Compare a version with another one: manifest, exposure, and files of the packages."""
    name = Name(namespace, connector)
    older, at, number = since.rpartition("@")
    other = read.resolve(work, older, by) if at else name
    old, new = read.version(work, other, number, by), read.version(work, name, version, by)
    return views.diff_view(compare(work, request.app.state.comparisons, old=old, new=new))


@router.patch("/{namespace}/{connector}/versions/{version}/status")
def set_status(
    namespace: str, connector: str, version: str, body: StatusBody, work: OpenWork, by: Admin
) -> VersionView:
    """Record an admin's decision about a version."""
    found = read.version(work, Name(namespace, connector), version, by)
    decide.set_status(work, found.release, body.status, body.message)
    return show_version(namespace, connector, found.release.version, work, by)


@router.post("/{namespace}/{connector}:permit", status_code=status.HTTP_204_NO_CONTENT)
def permit_id(
    namespace: str, connector: str, body: PermitBody, work: OpenWork, by: Admin
) -> None:
    """Let a namespace use an id that is like another's, or was another's."""
    identity.permit(work, Name(namespace, connector), body.reason)


def _document(work: Work, name: Name, version: str, kind: str, by: Actor) -> Response:
    release = read.version(work, name, version, by).release
    content = read.document(work, release, kind)
    if content is None:
        raise DocumentMissingError(release.label, kind)
    headers = _saved_as(release, f"{kind}.md")
    return Response(content, media_type="text/markdown; charset=utf-8", headers=headers)


def _saved_as(release: Release, name: str) -> dict[str, str]:
    """Let browsers save what an author wrote, never show it."""
    file = f"{release.name.id}-{release.version}-{name}"
    return {"Content-Disposition": f'attachment; filename="{file}"'}
