"""HTTP: is the server alive, is it ready, what can it do, and how is a manifest written."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy import text

from connectory import __version__
from connectory.access.actors import Anybody, Visitor
from connectory.kernel.errors import ConnectoryError
from connectory.manifest.schema import schema

router = APIRouter(tags=["server"])

KINDS = ("local",)
"""Kinds of target that this release can install to."""


class Alive(BaseModel):
    """The process answers."""

    status: str
    version: str


class Ready(BaseModel):
    """Each part of the server, `ok` or what is wrong with it."""

    status: str
    parts: dict[str, str]


class TargetView(BaseModel):
    """One place where instances can run."""

    name: str
    kind: str
    region: str
    state: str


class TargetList(BaseModel):
    """The targets of this marketplace; with `kinds=all` also every kind that is known."""

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


@router.get("/readyz")
def ready(request: Request, response: Response, by: Anybody) -> Ready:
    """Ask every part whether it works now; 503 when one does not."""
    parts = {"database": _database(request)}
    for name, ping in request.app.state.backends.pings().items():
        parts[name] = _asked(ping)
    works = all(said == "ok" for said in parts.values())
    if not works:
        response.status_code = 503
    return Ready(status="ok" if works else "degraded", parts=parts)


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
            region=state.around.regions[name],
            state=_asked(target.ping),
        )
        for name, target in state.backends.targets.items()
    ]
    return TargetList(kinds=list(KINDS), items=items)


@router.get("/schemas/manifest/v1.json")
def manifest_schema(by: Anybody) -> dict[str, object]:
    """Return the JSON Schema of the manifest."""
    return schema()


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
        work.db.execute(text("SELECT 1"))
    return "ok"


def _asked(ping: Callable[[], None]) -> str:
    try:
        ping()
    except ConnectoryError as failure:
        return failure.message
    return "ok"
