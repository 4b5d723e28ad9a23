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
from connectory.access.limits import Limits
from connectory.app import api as server
from connectory.app.frame import Frame, accepted_hosts
from connectory.app.jobs import Jobs
from connectory.app.keys import audit_key, key_bytes
from connectory.app.problems import HANDLERS
from connectory.app.repeats import Repeats
from connectory.app.reserve import Brake, Reserve
from connectory.catalog import api as catalog
from connectory.costs import book
from connectory.instances import api as instances
from connectory.instances import change_api, live_api, team_api
from connectory.instances.crew import Crew
from connectory.instances.launch import Launcher
from connectory.instances.plan import Surroundings
from connectory.instances.recipes import all_recipes
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
    change_api.router,
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
    state = app.state
    repeats = Repeats(app, state.works, state.cursor_key, _is_secret)
    gate = Gate(repeats, state.works, _body_limit(settings), _is_open, state.limits)
    braked = Brake(gate, state.reserve)
    served = Frame(braked, accepted_hosts(settings.url, settings.allowed_hosts))
    state.served = served
    return served


def inner(served: ASGIApp) -> FastAPI:
    """Return the application inside what `build` returned; for start-up and tests."""
    while not isinstance(served, FastAPI):
        served = served.app  # type: ignore[attr-defined]  # each layer wraps one app
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
    state.reserve = Reserve(settings.data, settings.reserve_mb * MEGABYTE)
    state.cursor_key = key_bytes(keys / "cursor")
    state.audit_key = audit_key(keys / "audit")
    state.limits = Limits(
        reads=settings.rate_read_per_minute,
        writes=settings.rate_write_per_minute,
        hooks=settings.rate_hook_per_minute,
    )
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
    state.recipes = all_recipes(state.crew)
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


def _is_secret(path: str) -> bool:
    """Whether the answers of changes at a path hold secrets: new tokens, keys of hooks."""
    return path == "/api/v1/tokens" or path.endswith(":hooks")
