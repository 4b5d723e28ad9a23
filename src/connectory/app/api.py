"""HTTP: is the server alive, is it ready, what can it do, and how is a manifest written."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from connectory import __version__
from connectory.access.actors import Anybody, Visitor
from connectory.access.declared import also, of_type
from connectory.access.rules import require_overseer
from connectory.app import measured
from connectory.kernel.errors import ConnectoryError
from connectory.manifest.deploy import FIELD_OF_TARGET
from connectory.manifest.schema import deploy_schema, schema
from connectory.monitoring import exposition
from connectory.work import seal

router = APIRouter(tags=["server"])

KINDS = (*FIELD_OF_TARGET, "gitops")
"""Every kind of target that a connector can be written for; few are installed here."""


class Alive(BaseModel):
    """The process answers."""

    status: str
    version: str


class Ready(BaseModel):
    """Each part of the server, `ok` or what is wrong with it."""

    status: str
    parts: dict[str, str]


class TargetView(BaseModel):
    """One place where instances can run. `state` is `ok`, or why they cannot now."""

    name: str
    kind: str
    region: str
    state: str
    containment: str
    is_contained: bool
    is_cpu_limited: bool


class TargetList(BaseModel):
    """The targets of this marketplace and their kinds; with `kinds=all` every known kind."""

    kinds: list[str]
    items: list[TargetView]


class Card(BaseModel):
    """What this server is, for other programs."""

    name: str
    version: str
    api: str
    openapi: str
    manifest_schema: str


@router.get("/healthz")
def alive(by: Anybody) -> Alive:
    """Say that the process answers."""
    return Alive(status="ok", version=__version__)


@router.get("/readyz", responses={**also(503, "A part does not work", Ready)})
def ready(request: Request, response: Response, by: Anybody) -> Ready:
    """Ask every part whether it works now; 503 when one does not."""
    parts = {"database": _database(request)}
    for name, ping in request.app.state.backends.pings().items():
        parts[name] = _asked(ping)
    works = all(said == "ok" for said in parts.values())
    if not works:
        response.status_code = 503
    return Ready(status="ok" if works else "degraded", parts=parts)


@router.get("/metrics", response_class=Response, responses={**of_type("text/plain")})
def show_metrics(request: Request, by: Anybody) -> Response:
    """Return the numbers of the server itself in the Prometheus text format."""
    state = request.app.state
    if not state.settings.metrics_open:
        require_overseer(by)
    return Response(measured.text(state), media_type=exposition.CONTENT_TYPE)


@router.get("/api/v1/targets")
def list_targets(
    request: Request, by: Visitor, kinds: Annotated[str, Query(pattern="^(all)?$")] = ""
) -> TargetList:
    """List the places where instances can run."""
    state = request.app.state
    items = [
        TargetView(
            name=name,
            kind=name,
            region=state.settings.local_region,
            state=_asked(target.ping),
            containment=target.containment,
            is_contained=target.is_contained,
            is_cpu_limited=target.is_cpu_limited,
        )
        for name, target in state.backends.targets.items()
    ]
    known = KINDS if kinds else state.backends.offered
    return TargetList(kinds=list(known), items=items)


@router.get("/schemas/manifest/v1.json")
def manifest_schema(by: Anybody) -> dict[str, object]:
    """Return the JSON Schema of the manifest."""
    return schema()


@router.get("/schemas/deploy/v1.json")
def deployment_schema(by: Anybody) -> dict[str, object]:
    """Return the JSON Schema of deploy.yaml."""
    return deploy_schema()


@router.get("/.well-known/connector-marketplace")
def card(request: Request, by: Anybody) -> Card:
    """Say what this server is."""
    url = request.app.state.settings.url
    return Card(
        name="connectory",
        version=__version__,
        api=f"{url}/api/v1",
        openapi=f"{url}/openapi.json",
        manifest_schema=f"{url}/schemas/manifest/v1.json",
    )


def _database(request: Request) -> str:
    with request.app.state.works.read() as work:
        seal.is_behind(work.db)
    return "ok"


def _asked(ping: Callable[[], None]) -> str:
    try:
        ping()
    except ConnectoryError as failure:
        return failure.message
    return "ok"
