"""Throw-away marketplaces: whole ones, in this process, each for one version and one run."""

import logging
import shutil
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from sqlalchemy import Engine
from starlette.datastructures import State
from starlette.types import ASGIApp

from connectory.access import accounts, signing_in
from connectory.access.edge import Opener
from connectory.access.rules import Actor, Role
from connectory.access.signing_in import TokenRequest
from connectory.app.deadlines import Deadlines
from connectory.app.demo import DEMO_SECRETS
from connectory.backends.blobs import Blobs
from connectory.backends.db import open_engine
from connectory.backends.db.migrate import migrate
from connectory.catalog import decide
from connectory.catalog.rules import Status
from connectory.gates import traces
from connectory.kernel.secret import Secret
from connectory.manifest import loader
from connectory.publishing.release import Upload, publish
from connectory.rehearsals.throwaway import TARGET, Goods, Throwaway
from connectory.settings import Settings
from connectory.standins import StandIns, run_all, samples
from connectory.work import Origin, seal

LOG = logging.getLogger("connectory.throwaways")
FOLDER = "throwaways"
ACCOUNT = "rehearsal"
REASON = "only in this throw-away marketplace"
BEGIN_S = 10.0
TICK_S = 0.01
HEALTH_S = 45
Build = Callable[[Settings, Engine], tuple[ASGIApp, State]]


@dataclass(slots=True)
class Throwaways:
    """Those of one server, in a folder of its data directory.

    Attributes:
        settings: Of the server; what they say of this machine holds in each of them, too.
        blobs: Where the packages are.
        is_contained: Whether connectors are contained on this machine.
        build: Makes an application of settings and a database, and gives its state.
    """

    settings: Settings
    blobs: Blobs
    is_contained: bool
    build: Build
    _open: dict[str, ExitStack] = field(default_factory=dict)

    def open(self, key: str, goods: Goods) -> Throwaway:
        """Make one in which a version is published and approved; it answers when this returns.

        Raises:
            ConnectoryError: If that does not succeed; nothing of it is left then.
        """
        with ExitStack() as stack:
            stack.callback(_delete, self._folder(key))
            made = self._make(stack, self._folder(key), goods)
            self._open[key] = stack.pop_all()
        return made

    def close(self, key: str) -> None:
        """Stop one and delete everything of it, also if another server of old made it."""
        stack = self._open.pop(key, None)
        if stack is not None:
            stack.close()
        _delete(self._folder(key))

    def sweep(self) -> None:
        """Delete those that a server left which ended without closing them."""
        for folder in (self.settings.data / FOLDER).glob("*"):
            if folder.name not in self._open:
                LOG.warning("%s was left behind, and is deleted", folder)
                _delete(folder)

    def _folder(self, key: str) -> Path:
        return self.settings.data / FOLDER / key

    def _make(self, stack: ExitStack, folder: Path, goods: Goods) -> Throwaway:
        folder.mkdir(mode=0o700, parents=True)
        samples.lay_out(folder / "standins")
        standins = run_all(folder / "standins", {})
        stack.callback(standins.stop)
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        settings = self._inside(folder, listener.getsockname()[1], standins)
        engine = open_engine(settings.database_url)
        stack.callback(engine.dispose)
        migrate(engine)
        with engine.begin() as db:
            seal.prepare(db)
        served, state = self.build(settings, engine)
        token = self._publish(state, goods)
        stack.callback(_serving(served, state, listener))
        return Throwaway(
            url=settings.url,
            token=token,
            folder=folder,
            works=state.works,
            target=state.backends.targets[TARGET],
            standins=standins.urls,
            inputs=standins.inputs,
            secrets=DEMO_SECRETS,
        )

    def _inside(self, folder: Path, port: int, standins: StandIns) -> Settings:
        """Return settings as they are by default, but for this machine and the stand-ins."""
        addresses = (url.rpartition("/")[2] for url in standins.urls.values())
        return Settings(
            data=folder,
            port=port,
            local_region=self.settings.local_region,
            local_sandbox=self.settings.local_sandbox,
            local_private=",".join(addresses),
            local_public=False,
            health_seconds=HEALTH_S,
            reserve_mb=0,
        )

    def _publish(self, state: State, goods: Goods) -> Secret:
        """Publish and approve the version, and return the token of an admin."""
        team = goods.name.namespace
        origin = Origin(ACCOUNT, FOLDER)
        with state.works.write(origin) as work:
            accounts.create_account(work, ACCOUNT, display="Rehearsal", is_admin=True)
            accounts.create_team(work, team, team)
            accounts.set_member(work, team, ACCOUNT, Role.OWNER)
            wanted = TokenRequest(ACCOUNT, FOLDER, days=1)
            token = signing_in.create_token(work, wanted, most_days=1).value
        by = Actor(ACCOUNT, teams={team: Role.OWNER}, via=FOLDER, namespace=team)
        with self.blobs.open(goods.package) as chunks:
            upload = Upload(loader.load(goods.manifest), chunks)
            release = publish(
                Opener(state.works, origin), state.depot, upload, by
            ).added.release
        for wanted_status in (Status.REVIEW, Status.APPROVED):
            with state.works.write(origin) as work:
                if release.status is not wanted_status:
                    release = decide.set_status(work, release, wanted_status, REASON)
        return token


def _serving(served: ASGIApp, state: State, listener: socket.socket) -> Callable[[], None]:
    """Serve in a thread; return what ends it."""
    settings = uvicorn.Config(
        served, log_config=None, access_log=False, http=Deadlines, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(settings)
    thread = threading.Thread(
        target=server.run, args=([listener],), name="throw-away", daemon=True
    )
    thread.start()
    end = time.monotonic() + BEGIN_S
    while not server.started and time.monotonic() < end:
        time.sleep(TICK_S)

    def stop() -> None:
        state.stopping.set()
        server.should_exit = True
        thread.join(BEGIN_S)

    return stop


def _delete(folder: Path) -> None:
    """Kill what runs because of a folder, then delete it."""
    if not folder.exists():
        return
    traces.kill(folder)
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        LOG.error("%s cannot be deleted; delete it by hand", folder)
