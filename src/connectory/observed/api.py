"""HTTP: what versions and instances used beside what they declare."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from connectory.access.actors import TeamViewer, Visitor
from connectory.access.declared import of_type
from connectory.access.edge import Opening, ReadWork
from connectory.catalog import read as catalog
from connectory.catalog.rules import Name
from connectory.kernel.clock import rfc3339
from connectory.observed import read
from connectory.observed.read import Narrower, Observation
from connectory.observed.rules import Item

router = APIRouter(prefix="/api/v1", tags=["observed"])

VERSION = "/connectors/{namespace}/{connector}/versions/{version}/observed"
INSTANCE = "/teams/{team}/instances/{name}/observed"
Early = Annotated[bool, Query(description="Take what was not used yet for never used.")]


class ItemView(BaseModel):
    """Something that is declared, or was wanted, and what became of it."""

    what: str
    name: str
    verdict: str
    detail: str


class NarrowerView(BaseModel):
    """The manifest of the next version, without what was never used."""

    version: str
    without_hosts: list[str]
    without_secrets: list[str]
    memory: str
    before: str
    manifest: str


class ObservedView(BaseModel):
    """What was used, by how many instances, since when; times are RFC 3339, memory in bytes.

    `questions` are hosts that were wanted and refused; a narrower manifest never adds them.
    """

    connector: str
    version: str
    instances: int
    since: str | None
    seen_at: str | None
    running_s: float
    is_enough: bool
    cpu_s: float
    memory_peak: int
    memory_declared: int | None
    cold_start_ms: int | None
    items: list[ItemView]
    questions: list[str]
    narrower: NarrowerView | None
    why_not: str


@router.get(VERSION)
def show_version(
    namespace: str,
    connector: str,
    version: str,
    work: ReadWork,
    by: Visitor,
    *,
    early: Early = False,
) -> ObservedView:
    """Say what all instances of a version used beside what it declares."""
    found = catalog.version(work, Name(namespace, connector), version, by)
    return _view(read.of_version(work, found, by, early=early))


@router.get(
    VERSION + "/manifest",
    response_class=Response,
    responses={**of_type("application/yaml")},
)
def show_narrower(
    namespace: str,
    connector: str,
    version: str,
    work: ReadWork,
    by: Visitor,
    *,
    early: Early = False,
) -> Response:
    """Return the narrower manifest of a version, the author's lines otherwise as they are."""
    found = catalog.version(work, Name(namespace, connector), version, by)
    return _saved(read.of_version(work, found, by, early=early).required())


@router.get(INSTANCE)
def show_instance(
    request: Request,
    team: str,
    name: str,
    opener: Opening,
    by: TeamViewer,
    *,
    early: Early = False,
) -> ObservedView:
    """Say what an instance has used, up to now, beside what its version declares."""
    return _view(read.of_instance(opener, request.app.state.crew, team, name, early=early))


@router.get(
    INSTANCE + "/manifest",
    response_class=Response,
    responses={**of_type("application/yaml")},
)
def show_narrower_of_instance(
    request: Request,
    team: str,
    name: str,
    opener: Opening,
    by: TeamViewer,
    *,
    early: Early = False,
) -> Response:
    """Return the narrower manifest that one instance would do with."""
    found = read.of_instance(opener, request.app.state.crew, team, name, early=early)
    return _saved(found.required())


def _saved(narrower: Narrower) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="manifest.yaml"'}
    return Response(narrower.text, media_type="application/yaml", headers=headers)


def _view(found: Observation) -> ObservedView:
    seen, release, manifest = found.seen, found.version.release, found.version.manifest
    return ObservedView(
        connector=release.name.key,
        version=release.version,
        instances=seen.instances,
        since=rfc3339(seen.since) if seen.since else None,
        seen_at=rfc3339(seen.seen_at) if seen.seen_at else None,
        running_s=seen.running_s,
        is_enough=seen.is_enough,
        cpu_s=seen.cpu_s,
        memory_peak=seen.memory_peak,
        memory_declared=manifest.runtime.resources.memory_bytes,
        cold_start_ms=seen.cold_start_ms,
        items=[_item(one) for one in found.items],
        questions=list(found.questions),
        narrower=_narrower(found.narrower) if found.narrower else None,
        why_not=found.why_not,
    )


def _item(one: Item) -> ItemView:
    return ItemView(what=one.what, name=one.name, verdict=one.verdict, detail=one.detail)


def _narrower(one: Narrower) -> NarrowerView:
    return NarrowerView(
        version=one.version,
        without_hosts=sorted(one.less.hosts),
        without_secrets=sorted(one.less.secrets),
        memory=one.less.memory,
        before=one.before,
        manifest=one.text,
    )
