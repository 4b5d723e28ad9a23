"""Servers for tests: one in this process without background work, one over real HTTP."""

import dataclasses
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from anyio.from_thread import start_blocking_portal
from sqlalchemy import Engine
from starlette.datastructures import State
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from connectory.access import accounts, signing_in
from connectory.access.rules import Role, Scope
from connectory.access.signing_in import TokenRequest
from connectory.app import bootstrap
from connectory.app.build import build, inner
from connectory.app.deadlines import Deadlines
from connectory.app.jobs import follow
from connectory.backends.db import open_engine
from connectory.kernel.errors import ConnectoryError
from connectory.settings import Settings
from connectory.work import Work, Works

PEOPLE = {
    "admin": ("bizops", Role.OWNER),
    "ana": ("bizops", Role.OWNER),
    "bob": ("bizops", Role.MEMBER),
    "vic": ("bizops", Role.VIEWER),
    "kim": ("payments", Role.OWNER),
    "max": ("payments", Role.MEMBER),
    "zoe": ("", Role.VIEWER),
}


@dataclass
class Marketplace:
    """A server in this process with two teams and some people, without background work.

    `follow()` seals and indexes what was committed, `turn()` runs operations that wait.
    """

    served: ASGIApp
    client: TestClient
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> State:
        return inner(self.served).state

    def token(self, account: str, scopes: frozenset[Scope] = frozenset()) -> str:
        with self.state.works.write() as work:
            wanted = TokenRequest(account=account, name="test", days=1, scopes=scopes)
            return signing_in.create_token(work, wanted, most_days=90).value.reveal()

    def as_(self, account: str) -> dict[str, str]:
        if account not in self._tokens:
            self._tokens[account] = self.token(account)
        return {"Authorization": f"Bearer {self._tokens[account]}"}

    def follow(self) -> None:
        follow(self.state)

    def turn(self) -> None:
        self.state.engine.turn()

    def deliver(self) -> None:
        """Deliver what is due, and record how it went."""
        self.state.deliverer.turn()
        self.state.deliverer.settle(20)


def settings_for(path: Path, engine: Engine, **more: object) -> Settings:
    url = engine.url.render_as_string(hide_password=False)
    known = Settings(
        data=path / "data",
        database=url,
        base_url="http://testserver",
        local_sandbox="off",
        rate_read_per_minute=0,  # tests ask as fast as they can
        rate_write_per_minute=0,
    )
    return dataclasses.replace(known, **more)


@contextmanager
def opened(path: Path, engine: Engine, **more: object) -> Iterator[Marketplace]:
    """Build a marketplace with its data at `path`; `more` are other settings."""
    (path / "data").mkdir(mode=0o700, exist_ok=True)
    served = build(settings_for(path, engine, health_seconds=20, **more), engine)
    client = TestClient(served, raise_server_exceptions=False)
    # one event loop for all requests; entering the client would start the background work
    with start_blocking_portal() as client.portal:
        yield Marketplace(served, client)


def populate(marketplace: Marketplace) -> None:
    """Make two teams and the people."""
    with marketplace.state.works.write() as work:
        for team in ("bizops", "payments"):
            accounts.create_team(work, team, team.title())
        for name, (team, role) in PEOPLE.items():
            accounts.create_account(work, name, is_admin=name == "admin")
            if team:
                accounts.set_member(work, team, name, role)


def stock(path: Path, url: str) -> None:
    """Make a marketplace with people and starters, whose database is at `url`."""
    engine = open_engine(url)
    with opened(path, engine) as made:
        populate(made)
        bootstrap.prepare(made.state)
        made.follow()
        made.state.backends.search.close()
    engine.dispose()


@dataclass(frozen=True)
class LiveServer:
    """The demo, served over real HTTP by a thread of this process."""

    url: str
    admin_token: str
    tokens: dict[str, str]
    standins: dict[str, str]
    state: State


@dataclass
class running:  # noqa: N801  reads like a function: `with running(...)`
    """Serves an application in a thread for the length of a block."""

    served: ASGIApp
    listener: socket.socket
    protocol: type[Deadlines] = Deadlines

    def __enter__(self) -> None:
        config = uvicorn.Config(
            self.served, log_config=None, timeout_graceful_shutdown=2, http=self.protocol
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self.listener],))
        self._thread.start()
        wait_until(lambda: self._server.started)

    def __exit__(self, *_: object) -> None:
        inner(self.served).state.stopping.set()
        self._server.should_exit = True
        self._thread.join(20)


def racing(works: Works, act: Callable[[Work], object]) -> tuple[object, object]:
    """Let two transactions do the same thing, the second while the first is still open.

    Return what each of them returned or raised.
    """
    with ThreadPoolExecutor(1) as other, works.write() as work:
        first = act(work)
        second = other.submit(_in_own_transaction, works, act)
        wait([second], timeout=0.2)
    return first, second.result()


def _in_own_transaction(works: Works, act: Callable[[Work], object]) -> object:
    try:
        with works.write() as work:
            return act(work)
    except ConnectoryError as refused:
        return refused


def wait_until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something that another thread or process does."""
    done = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if is_so():
            return
        done.wait(0.02)
    raise AssertionError(f"it did not happen within {seconds} s")


def token_of(state: State, account: str) -> str:
    with state.works.write() as work:
        wanted = TokenRequest(account=account, name="live", days=1)
        return signing_in.create_token(work, wanted, most_days=90).value.reveal()


def work_until_killed(settings: Settings) -> None:
    """What the worker process does: one turn, at most until its boundary."""
    engine = open_engine(settings.database_url)
    inner(build(settings, engine)).state.engine.turn()
