"""Build the application that the settings describe."""

import re
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from anyio import to_thread
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.datastructures import State
from starlette.types import ASGIApp

from connectory import __version__
from connectory.access import mapping
from connectory.access.federation import Federation
from connectory.access.gate import Gate
from connectory.access.limits import Limits
from connectory.access.provider import Provider, Registration
from connectory.access.rules import Actor
from connectory.advisories.mirror import FILE as MIRROR
from connectory.advisories.watch import MirrorWatch
from connectory.app.described import Described
from connectory.app.forwarded import Forwarded
from connectory.app.frame import Frame, accepted_hosts
from connectory.app.jobs import Jobs
from connectory.app.keys import audit_key, key_bytes
from connectory.app.measured import Named, Requests
from connectory.app.mounted import ROUTERS
from connectory.app.problems import HANDLERS
from connectory.app.remembered import Remembered
from connectory.app.repeats import Repeats
from connectory.app.reserve import Brake, Reserve
from connectory.app.strict import StrictJson
from connectory.app.throwaways import Throwaways
from connectory.app.unchanged import Unchanged
from connectory.checks.scanners import chosen
from connectory.checks.subject import Surroundings as Vetting
from connectory.costs import book
from connectory.gates import git, http
from connectory.instances.amending import Amender
from connectory.instances.crew import Crew
from connectory.instances.launch import Launcher
from connectory.instances.plan import Surroundings
from connectory.instances.read import teams_running
from connectory.instances.recipes import all_recipes
from connectory.instances.suspending import Warden
from connectory.instances.watch import Watch
from connectory.kernel import clock
from connectory.kernel.secret import Secret
from connectory.listing import similar
from connectory.monitoring.push import Push
from connectory.monitoring.scraper import Scraper
from connectory.operations.engine import Engine as OperationEngine
from connectory.packages.compare import Comparisons
from connectory.policy.engine import shared as shared_policy_engine
from connectory.publishing.issuers import Issuers
from connectory.publishing.release import Depot, press
from connectory.rehearsals.rehearse import Rehearsals
from connectory.rehearsals.rules import REHEARSE
from connectory.rehearsals.throwaway import TARGET
from connectory.rehearsals.trying import Tries
from connectory.runs.attached import AttachedRuns
from connectory.runs.calling import Caller
from connectory.runs.deliver import Deliverer
from connectory.runs.known import Known
from connectory.schedules.attached import AttachedSchedules
from connectory.schedules.turn import Timekeeper
from connectory.settings import Settings, names, networks
from connectory.sources.syncing import Syncer
from connectory.vetting.attesting import Signer
from connectory.vetting.examine import Examiner
from connectory.web import routes
from connectory.wiring import choose
from connectory.work import Works

MEGABYTE = 1_000_000
READERS = 1  # threads for the most frequent reads
USUAL_BODY = 1 * MEGABYTE
UPLOADS = re.compile(r"/api/v1/connectors|/new/upload|/c/[^/]+/[^/]+/new-version")
"""Paths that take a package."""
OPEN_BODIES = ("/hooks/", "/sign-in", "/theme", "/api/v1/auth/token-exchange")
"""Paths that take a body from anybody; each checks its own key or changes nothing."""
TRIES = re.compile(r"/api/v1/connectors/[^/]+/[^/]+/versions/[^/]+:try|/c/[^/]+/[^/]+/try")
"""Paths at which a connector is tried, by anybody where the settings say so."""
SECRET = {"/api/v1/tokens", "/api/v1/sources", "/api/v1/auth/token-exchange"}
"""Paths whose answers hold a secret."""
QUESTIONS = {"/osv/v1/query", "/osv/v1/querybatch"}
"""Paths that take a body and change nothing, for everybody who may read the catalog."""


def build(settings: Settings, engine: Engine) -> ASGIApp:
    """Return the server of migrated tables; its background work runs while it is started."""
    app = Described(
        title="Connectory",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    _fill(app, settings, engine)
    for router in ROUTERS:
        app.include_router(router)
    for router in routes.ROUTERS:
        app.include_router(router, dependencies=routes.FOR_EVERY_PAGE)
    for error, handler in HANDLERS.items():
        app.add_exception_handler(error, handler)
    state = app.state
    remembered = Remembered(Named(app), state.works, state.backends.search.generation)
    strict = StrictJson(Unchanged(remembered))
    repeats = Repeats(strict, state.works, state.cursor_key, _is_secret)
    gate = Gate(
        repeats,
        state.works,
        _body_limit(settings),
        _open_paths(settings),
        state.limits,
        state.renew,
    )
    braked = Brake(gate, state.reserve)
    framed = Frame(braked, accepted_hosts(settings.url, settings.allowed_hosts), state.requests)
    served = Forwarded(framed, networks(settings.trusted_proxies))
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
    state.requests = Requests()
    state.reserve = Reserve(settings.data, settings.reserve_mb * MEGABYTE)
    state.cursor_key = key_bytes(keys / "cursor")
    state.audit_key = audit_key(keys / "audit")
    state.limits = Limits(
        reads=settings.rate_read_per_minute,
        writes=settings.rate_write_per_minute,
        hooks=settings.rate_hook_per_minute,
        publications=settings.rate_publish_per_hour,
    )
    state.works = Works(engine, clock.now, jobs.wake)
    state.readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
    state.backends = backends = choose(settings, engine)
    shared_policy_engine().answer_by(backends.policy)
    _fill_catalog(state, settings, scratch)
    state.federation = _federation(settings, state) if settings.oidc_issuer else None
    state.renew = state.federation.renew if state.federation else _as_is
    state.around = Surroundings(
        secrets=backends.secrets,
        regions=dict.fromkeys(backends.offered, settings.local_region),
        containment={name: one.containment for name, one in backends.targets.items()},
        book=book.load(),
    )
    _fill_sources(state, settings)
    _fill_instances(state, settings, scratch)
    state.jobs = jobs
    jobs.plan(state)


def _federation(settings: Settings, state: State) -> Federation:
    secret = settings.oidc_secret_file
    registration = Registration(
        issuer=settings.oidc_issuer,
        client=settings.oidc_client_id,
        secret=Secret(Path(secret).read_text(encoding="utf-8").strip()) if secret else None,
        scopes=settings.oidc_scopes,
    )
    return Federation(
        works=state.works,
        secrets=state.backends.secrets,
        provider=Provider(registration, clock.now),
        groups=mapping.read(settings.oidc_groups),
        claim=settings.oidc_groups_claim,
        fresh=timedelta(seconds=settings.oidc_fresh_seconds),
        title=settings.oidc_title,
    )


def _as_is(actor: Actor, *, is_change: bool = False) -> Actor:  # noqa: ARG001  nobody to ask
    return actor


def _fill_catalog(state: State, settings: Settings, scratch: Path) -> None:
    """Put together what publishing, finding and comparing share."""
    backends = state.backends
    most = settings.max_upload_mb * MEGABYTE
    state.depot = Depot(press(state.works), backends.blobs, scratch, most)
    around = Vetting(advisories=settings.data / MIRROR, scanners=chosen(settings))
    state.examiner = Examiner(
        state.works,
        backends.blobs,
        scratch,
        around,
        teams_running,
        similar.duplicates(state.works, backends.search),
        MirrorWatch(settings.data / MIRROR).imported,
    )
    state.signer = Signer(state.works, state.audit_key)
    state.comparisons = Comparisons(backends.blobs, scratch)
    state.nearest = similar.nearest(backends.search)


def _fill_sources(state: State, settings: Settings) -> None:
    """Put together what pulls repositories, and what knows the jobs of their hosts."""
    policy = http.Policy(private=names(settings.git_private))
    state.issuers = Issuers(settings.url, clock.now, policy)
    local = Path(settings.git_local) if settings.git_local else None
    state.git_rules = git.Rules(local=local, policy=policy)
    state.syncer = Syncer(
        state.works,
        state.backends.secrets,
        state.depot,
        state.git_rules,
        timedelta(seconds=settings.lease_seconds),
        state.stopping,
        state.federation.refresh if state.federation else _as_they_are,
    )


def _as_they_are(_: str) -> None:
    """Leave the rights of an account: nobody else decides about them."""


def _fill_instances(state: State, settings: Settings, scratch: Path) -> None:
    """Put together what changes instances."""
    backends = state.backends
    launcher = Launcher(state.works, backends.blobs, backends.secrets, scratch, settings.url)
    state.crew = Crew(
        works=state.works,
        secrets=backends.secrets,
        targets=backends.targets,
        launcher=launcher,
        health_seconds=settings.health_seconds,
        attached=(AttachedRuns(), AttachedSchedules()),
    )
    state.watch = Watch(state.crew, clock.now)
    state.push = Push(settings.metrics_push_url, clock.now)
    state.scraper = Scraper(state.crew, state.watch, settings, clock.now, state.push.send)
    _fill_rehearsals(state, settings, scratch)
    recipes = {REHEARSE: state.rehearsals.recipe()}
    state.recipes = {**all_recipes(state.crew), **recipes}
    state.warden = Warden(state.crew, state.recipes)
    state.amender = Amender(state.around)
    lease = timedelta(seconds=settings.lease_seconds)
    state.engine = OperationEngine(
        state.works, state.recipes, lease, settings.crash_at, state.stopping
    )
    state.deliverer = Deliverer(
        state.crew,
        Caller(state.crew, settings.run_attempts),
        Known(launcher),
        lease,
        state.stopping,
    )
    state.timekeeper = Timekeeper(state.crew)


def _fill_rehearsals(state: State, settings: Settings, scratch: Path) -> None:
    """Put together what runs versions in throw-away marketplaces."""
    backends = state.backends
    is_contained = backends.targets[TARGET].is_contained
    state.throwaways = Throwaways(settings, backends.blobs, is_contained, _built)
    state.rehearsals = Rehearsals(
        state.works, backends.blobs, scratch, state.throwaways, state.audit_key
    )
    state.tries = Tries(
        backends.blobs,
        scratch,
        state.throwaways,
        most=settings.try_at_once,
        per_hour=settings.try_per_hour,
        uncontained=settings.try_uncontained,
    )


def _built(settings: Settings, engine: Engine) -> tuple[ASGIApp, State]:
    served = build(settings, engine)
    return served, inner(served).state


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    await to_thread.run_sync(app.state.throwaways.sweep)
    await to_thread.run_sync(git.sweep, app.state.depot.scratch)
    app.state.jobs.start()
    try:
        yield
    finally:
        app.state.stopping.set()
        app.state.jobs.stop()
        app.state.watch.stop()
        app.state.scraper.stop()
        app.state.backends.search.close()


def _body_limit(settings: Settings) -> Callable[[str], int]:
    publication = settings.max_upload_mb * MEGABYTE + USUAL_BODY

    def limit(path: str) -> int:
        return publication if UPLOADS.fullmatch(path) else USUAL_BODY

    return limit


def _open_paths(settings: Settings) -> Callable[[str], bool]:
    def is_open(path: str) -> bool:
        if path in QUESTIONS:
            return settings.anonymous_read
        tries = settings.anonymous_try and TRIES.fullmatch(path) is not None
        return tries or path.startswith(OPEN_BODIES)

    return is_open


def _is_secret(path: str) -> bool:
    """Whether the answers of changes at a path hold secrets: new tokens, keys of hooks."""
    return path in SECRET or path.endswith((":hooks", "/sign-offs"))
