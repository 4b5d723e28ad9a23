"""Shared fixtures: databases of both kinds, servers in this process, a live demo."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text

from connectory.backends.db import open_engine
from connectory.kernel import clock
from connectory.work import Origin, Work, Works
from demos import live_demo, migrated
from marketplaces import LiveServer, Marketplace, opened, populate, stock

POSTGRES = os.environ.get("CONNECTORY_TEST_POSTGRES_URL", "")
TEMPLATE = f"connectory_template_{os.getpid()}"  # several runs share a server
STOCKED = f"connectory_stocked_{os.getpid()}"  # the template of a marketplace with starters


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file; copying it is faster than migrating again."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def sqlite_stock(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Database and data directory of a marketplace with people and starters, to be copied."""
    path = tmp_path_factory.mktemp("stock")
    shutil.copy(sqlite_template, path / "connectory.db")
    stock(path, f"sqlite:///{path / 'connectory.db'}")
    return path


@pytest.fixture(scope="session")
def postgresql_stock(
    postgres_server: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The same for PostgreSQL, whose database is `STOCKED`."""
    path = tmp_path_factory.mktemp("stock")
    with postgres_server.connect() as db:
        db.execute(text(f"DROP DATABASE IF EXISTS {STOCKED} WITH (FORCE)"))
        db.execute(text(f"CREATE DATABASE {STOCKED} TEMPLATE {TEMPLATE}"))
    stock(path, database_url(STOCKED))
    yield path
    with postgres_server.connect() as db:
        db.execute(text(f"DROP DATABASE {STOCKED} WITH (FORCE)"))


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
    """A migrated database, empty or with starters; tests that use it run on both kinds."""
    stocked = _stock_for(request, request.param)
    if request.param == "sqlite":
        path = tmp_path / "connectory.db"
        shutil.copy(stocked / "connectory.db" if stocked else sqlite_template, path)
        database = open_engine(f"sqlite:///{path}")
        yield database
        database.dispose()
        return
    server = request.getfixturevalue("postgres_server")
    name = f"connectory_{os.getpid()}"
    with server.connect() as db:
        db.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        template = STOCKED if stocked else TEMPLATE
        db.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    database = open_engine(database_url(name))
    yield database
    database.dispose()
    with server.connect() as db:
        db.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def works(engine: Engine) -> Works:
    """Units of work on a database of both kinds."""
    return Works(engine, clock.now, lambda: None)


@pytest.fixture
def work(works: Works) -> Iterator[Work]:
    """One open unit of work."""
    with works.write(Origin("tester", "test")) as unit:
        yield unit


@pytest.fixture
def marketplace(
    request: pytest.FixtureRequest, tmp_path: Path, engine: Engine
) -> Iterator[Marketplace]:
    """A marketplace on a database of both kinds."""
    stocked = _stock_for(request, engine.dialect.name)
    if stocked:
        shutil.copytree(stocked / "data", tmp_path / "data")
    with opened(tmp_path, engine) as found:
        if not stocked:
            populate(found)
        yield found


@pytest.fixture
def site(marketplace: Marketplace) -> Marketplace:
    """A marketplace that has the starters."""
    return marketplace


@pytest.fixture
def shop(site: Marketplace) -> Marketplace:
    """A marketplace where max can install crm-to-slack for payments."""
    for name in ("crm_api_key", "slack_bot_token"):
        site.client.put(
            f"/api/v1/teams/payments/secrets/{name}",
            json={"value": "any"},
            headers=site.as_("max"),
        )
    site.follow()
    return site


def _stock_for(request: pytest.FixtureRequest, kind: str) -> Path | None:
    """Return what to begin with, for a test that wants the starters: publishing takes long."""
    if "site" not in request.fixturenames:
        return None
    found: Path = request.getfixturevalue(f"{kind}_stock")
    return found


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """The demo with all its people, starters and stand-ins; shared: nobody publishes to it."""
    with live_demo(tmp_path_factory.mktemp("live") / "data") as live:
        yield live
