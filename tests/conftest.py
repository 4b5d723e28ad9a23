"""Shared fixtures: databases of both kinds, servers in this process, a live demo."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from sqlalchemy import Engine, make_url, text
from starlette.testclient import TestClient

from connectory.access import accounts
from connectory.app import bootstrap
from connectory.app.build import build, inner
from connectory.backends.db import open_engine
from connectory.kernel import clock
from connectory.work import Origin, Work, Works
from demos import live_demo, migrated
from marketplaces import PEOPLE, LiveServer, Marketplace, settings_for

POSTGRES = os.environ.get("CONNECTORY_TEST_POSTGRES_URL", "")
TEMPLATE = f"connectory_template_{os.getpid()}"  # several runs share a server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file; copying it is faster than migrating again."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Engine]:
    """The PostgreSQL of the tests, with a migrated template database."""
    if not POSTGRES:
        pytest.skip("CONNECTORY_TEST_POSTGRES_URL is not set: not run on PostgreSQL")
    engine = open_engine(POSTGRES)
    server = engine.execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as db:
        db.execute(text(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)"))
        db.execute(text(f"CREATE DATABASE {TEMPLATE}"))
    migrated(database_url(TEMPLATE))
    yield server
    with server.connect() as db:
        db.execute(text(f"DROP DATABASE {TEMPLATE} WITH (FORCE)"))
    engine.dispose()


def database_url(name: str) -> str:
    return make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path
) -> Iterator[Engine]:
    """A migrated, empty database; each test that uses it runs on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "connectory.db"
        shutil.copy(sqlite_template, path)
        opened = open_engine(f"sqlite:///{path}")
        yield opened
        opened.dispose()
        return
    server = request.getfixturevalue("postgres_server")
    name = f"connectory_{os.getpid()}"
    with server.connect() as db:
        db.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        db.execute(text(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
    opened = open_engine(database_url(name))
    yield opened
    opened.dispose()
    with server.connect() as db:
        db.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def works(engine: Engine) -> Works:
    """Units of work on a database of both kinds."""
    return Works(engine, clock.now, lambda: None)


@pytest.fixture
def work(works: Works) -> Iterator[Work]:
    """One open unit of work."""
    with works.write(Origin("tester", "test")) as opened:
        yield opened


@pytest.fixture
def marketplace(tmp_path: Path, engine: Engine) -> Iterator[Marketplace]:
    """A marketplace on a database of both kinds."""
    (tmp_path / "data").mkdir(mode=0o700)
    served = build(settings_for(tmp_path, engine, health_seconds=20), engine)
    with inner(served).state.works.write() as work:
        for team in ("bizops", "payments"):
            accounts.create_team(work, team, team.title())
        for name, (team, role) in PEOPLE.items():
            accounts.create_account(work, name, is_admin=name == "admin")
            if team:
                accounts.set_member(work, team, name, role)
    client = TestClient(served, raise_server_exceptions=False)
    # one event loop for all requests; entering the client would start the background work
    with start_blocking_portal() as client.portal:
        yield Marketplace(served, client)


@pytest.fixture
def shop(marketplace: Marketplace) -> Marketplace:
    """A marketplace where max can install crm-to-slack for payments."""
    bootstrap.prepare(marketplace.state)
    for name in ("crm_api_key", "slack_bot_token"):
        marketplace.client.put(
            f"/api/v1/teams/payments/secrets/{name}",
            json={"value": "any"},
            headers=marketplace.as_("max"),
        )
    marketplace.follow()
    return marketplace


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """The demo with all its people, starters and stand-ins; shared: nobody publishes to it."""
    with live_demo(tmp_path_factory.mktemp("live") / "data") as live:
        yield live
