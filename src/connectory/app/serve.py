"""Run a marketplace in this process until it is told to stop."""

import asyncio
import contextlib
import dataclasses
import fcntl
import gc
import os
import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import ClassVar

import uvicorn
from sqlalchemy import Engine
from starlette.datastructures import State
from starlette.types import ASGIApp

from connectory.access import read as access
from connectory.access import signing_in
from connectory.access.signing_in import TokenRequest
from connectory.app import bootstrap, demo
from connectory.app.build import build, inner
from connectory.app.deadlines import Deadlines
from connectory.app.jobs import follow
from connectory.backends.db import only_server, open_engine
from connectory.backends.db.migrate import migrate
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.secret import Secret
from connectory.settings import Settings
from connectory.work import Origin, seal

BACKLOG = 2048
GRACE_S = 8  # for requests that are being answered when the server is told to stop
TURNS = 3  # of the event loop, from a connection that waits to one that has its protocol
TOKEN_NAME = "admin of this start"  # noqa: S105  a label


class DataInUseError(ConnectoryError):
    """Another server runs on the same data directory."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "data-in-use"

    def __init__(self, data: Path) -> None:
        super().__init__(
            f"another server runs on {data}",
            hint="stop it first, or choose another directory with --data",
        )


class PortInUseError(ConnectoryError):
    """The address to listen on is taken or not allowed."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "port-in-use"

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"cannot listen on {host}:{port}: {reason}",
            hint="choose another one with --port (0 takes a free one)",
        )


@dataclass(frozen=True, slots=True)
class Ready:
    """What a marketplace says when it answers."""

    url: str
    data: Path
    is_new: bool
    starters: tuple[str, ...]
    standins: dict[str, str]
    sign_in: Secret  # address of a one-time link for the admin
    token: Secret  # of the admin; the one of the start before no longer works


def serve(
    settings: Settings, tell: Callable[[Ready], None], *, admin_token: Path | None = None
) -> None:
    """Serve until SIGTERM or SIGINT; call `tell` once it answers.

    Args:
        settings: What to run. Port 0 takes a free one.
        tell: Is called when the server answers.
        admin_token: Where to write a fresh admin token (0600), before `tell`.

    Raises:
        DataInUseError, DatabaseInUseError, PortInUseError, SchemaTooNewError, KeyFileError: If
            it cannot start.
    """
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    _allow_connections()
    with contextlib.ExitStack() as open_things:
        open_things.enter_context(_only_one(settings.data))
        listener = open_things.enter_context(_listening(settings))
        settings = dataclasses.replace(settings, port=listener.getsockname()[1])
        standins = demo.start_standins(settings.data) if settings.demo else None
        if standins is not None:
            open_things.callback(standins.stop)
            settings = demo.reaching(settings, standins)
        engine = open_engine(settings.database_url)
        open_things.callback(engine.dispose)
        open_things.enter_context(only_server(engine))
        is_new = _migrate(engine)
        served = build(settings, engine)
        state = inner(served).state
        starters = bootstrap.prepare(state)
        if standins is not None:
            demo.prepare(state, standins)
        follow(state)
        token = _admin_token(state)
        if admin_token is not None:
            _write_private(admin_token, token)
        ready = Ready(
            url=settings.url,
            data=settings.data,
            is_new=is_new,
            starters=tuple(starters),
            standins=standins.urls if standins is not None else {},
            sign_in=_sign_in_link(state),
            token=token,
        )
        gc.freeze()  # modules and routes stay: no search for garbage goes through them again
        _Server(config(served), state, lambda: tell(ready)).run(sockets=[listener])


def config(served: ASGIApp) -> uvicorn.Config:
    """Return how an application is served over HTTP."""
    return uvicorn.Config(
        served,
        log_config=None,
        access_log=False,
        server_header=False,
        http=Deadlines,
        ws="none",
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
        backlog=BACKLOG,
    )


class _Server(uvicorn.Server):
    """uvicorn, which says when it answers and ends open streams when it should stop."""

    def __init__(self, config: uvicorn.Config, state: State, tell: Callable[[], None]) -> None:
        super().__init__(config)
        self._state = state
        self._tell = tell

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then say so."""
        await super().startup(sockets)
        if self.started:
            self._tell()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take in who has connected already, then stop to listen and answer the rest."""
        for _ in range(TURNS):
            await asyncio.sleep(0)
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """End open streams and then the server; at a second signal do not wait for anything.

        uvicorn would raise the signal again at the end. Then stand-ins and database were not
        closed, and a service manager that asked for the end would see a crash.
        """
        self._state.stopping.set()
        self.force_exit = self.should_exit
        self.should_exit = True


def _allow_connections() -> None:
    """Take as many descriptors as the system gives: the usual 1,024 are few connections."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError):  # some systems say more than they allow
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextmanager
def _only_one(data: Path) -> Iterator[None]:
    """Hold the data directory; the lock ends with the process, however it ends."""
    with (data / "server.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataInUseError(data) from None
        yield


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as failure:
            reason = os.strerror(failure.errno or 0)
            raise PortInUseError(settings.host, settings.port, reason) from None
        listener.listen(BACKLOG)
        yield listener


def _migrate(engine: Engine) -> bool:
    changed = migrate(engine)
    with engine.begin() as db:
        seal.prepare(db)
    return changed


def _admin_token(state: State) -> Secret:
    """Make a fresh admin token; it takes the place of those made at earlier starts."""
    days = state.settings.token_days
    wanted = TokenRequest(account=bootstrap.ADMIN, name=TOKEN_NAME, days=days)
    with state.works.write(Origin("system", "start")) as work:
        earlier = [t for t in access.tokens(work, bootstrap.ADMIN) if t.name == TOKEN_NAME]
        made = signing_in.create_token(work, wanted, most_days=days)
        for old in earlier:
            signing_in.supersede_token(work, old, made)
        return made.value


def _write_private(path: Path, token: Secret) -> None:
    aside = path.with_name(f".{path.name}.new")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(token.reveal() + "\n")
    aside.replace(path)


def _sign_in_link(state: State) -> Secret:
    with state.works.write(Origin("system", "start")) as work:
        key = signing_in.create_link(work, bootstrap.ADMIN)
    return Secret(f"{state.settings.url}/sign-in?key={key.reveal()}")
