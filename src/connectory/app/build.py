"""Build the application that the settings describe."""

import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.types import ASGIApp

from connectory import __version__
from connectory.access import api as access
from connectory.access import audit_api as audit
from connectory.access.gate import Gate
from connectory.app import api as server
from connectory.app.frame import Frame, accepted_hosts
from connectory.app.jobs import Jobs
from connectory.app.keys import audit_key, key_bytes
from connectory.app.problems import HANDLERS
from connectory.catalog import api as catalog
from connectory.costs import book
from connectory.instances import api as instances
from connectory.instances import live_api, team_api
from connectory.instances.launch import Launcher
from connectory.instances.plan import Surroundings
from connectory.instances.recipes import Crew
from connectory.kernel import clock
from connectory.listing import api as listing
from connectory.operations import api as operations
from connectory.operations.engine import Engine as OperationEngine
from connectory.publishing import api as publishing
from connectory.publishing.release import Depot
from connectory.settings import Settings
from connectory.web import routes
from connectory.wiring import choose
from connectory.work import Works

MEGABYTE = 1_000_000
USUAL_BODY = 1 * MEGABYTE
OPEN_BODIES = ("/hooks/", "/sign-in", "/theme")
"""Paths that take a body from anybody; each checks its own key or changes nothing."""

ROUTERS = (
    listing.router,
    publishing.router,
    instances.router,
    team_api.router,
    live_api.router,
    operations.router,
    access.router,
    audit.router,
    server.router,
    catalog.router,  # last: its paths have placeholders where others have words
)


def build(settings: Settings, engine: Engine) -> ASGIApp:
    """Return the server of migrated tables; its background work runs while it is started."""
    app = FastAPI(
        title="Connectory",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    _fill(app, settings, engine)
    for router in (*ROUTERS, *routes.ROUTERS):
        app.include_router(router)
    for error, handler in HANDLERS.items():
        app.add_exception_handler(error, handler)
    gate = Gate(app, app.state.works, _body_limit(settings), _is_open)
    served = Frame(gate, accepted_hosts(settings.url, settings.allowed_hosts))
    app.state.served = served
    return served


def inner(served: ASGIApp) -> FastAPI:
    """Return the application inside what `build` returned; for start-up and tests."""
    while not isinstance(served, FastAPI):
        served = served.app  # type: ignore[attr-defined]  # Frame and Gate wrap one app each
    return served


def _fill(app: FastAPI, settings: Settings, engine: Engine) -> None:
    """Put together what routes and background work share."""
    state = app.state
    keys = settings.data / "keys"
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = settings.data / "scratch"
    jobs = Jobs()
    state.settings = settings
    state.stopping = threading.Event()
    state.cursor_key = key_bytes(keys / "cursor")
    state.audit_key = audit_key(keys / "audit")
    state.works = Works(engine, clock.now, jobs.wake)
    state.backends = backends = choose(settings, engine)
    state.depot = Depot(backends.blobs, scratch, settings.max_upload_mb * MEGABYTE)
    state.around = Surroundings(
        secrets=backends.secrets,
        regions=_regions(settings, backends.targets),
        containment={name: one.containment for name, one in backends.targets.items()},
        book=book.load(),
    )
    launcher = Launcher(state.works, backends.blobs, backends.secrets, scratch, settings.url)
    state.crew = Crew(
        works=state.works,
        secrets=backends.secrets,
        targets=backends.targets,
        launcher=launcher,
        health_seconds=settings.health_seconds,
    )
    state.recipes = state.crew.recipes()
    lease = timedelta(seconds=settings.lease_seconds)
    state.engine = OperationEngine(
        state.works, state.recipes, lease, settings.crash_at, state.stopping
    )
    state.jobs = jobs
    jobs.plan(state)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.jobs.start()
    try:
        yield
    finally:
        app.state.stopping.set()
        app.state.jobs.stop()


def _regions(settings: Settings, targets: Mapping[str, object]) -> dict[str, str]:
    return {name: settings.local_region if name == "local" else "" for name in targets}


def _body_limit(settings: Settings) -> Callable[[str], int]:
    publication = settings.max_upload_mb * MEGABYTE + USUAL_BODY

    def limit(path: str) -> int:
        return publication if path == "/api/v1/connectors" else USUAL_BODY

    return limit


def _is_open(path: str) -> bool:
    return path.startswith(OPEN_BODIES)
