"""What ends up in the table, in SQLite and in PostgreSQL, whatever happens on the way."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pg8000.dbapi
import pytest
from crm_to_db_sync.crm import Crm, Lead, Page
from crm_to_db_sync.database import FORMS, STATE, Database
from crm_to_db_sync.sync import Done, Sync, earlier

from connectory.standins import CRM_API_KEY
from connectory.standins import crm as standin
from connectory.standins.serving import Call, Server
from connectory_sdk import Health, Secret, SettingsError, TryLaterError

SERVER = os.environ.get("CONNECTORY_TEST_POSTGRES_URL", "")  # noqa: TID251  of the tests
POSTGRES = SERVER.replace("+psycopg", "")
Rows = Callable[[str], list[tuple]]
LEAD = Lead("1", "Ada", "a@example.com", "C", "2026-11-24T07:00:00Z", "2026-11-24T07:00:00Z")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/leads.db"
    if not POSTGRES:
        pytest.skip("CONNECTORY_TEST_POSTGRES_URL is not set: not run on PostgreSQL")
    return f"{POSTGRES}?sslmode=disable"


@pytest.fixture
def table() -> str:
    return f"leads_{uuid4().hex[:10]}"


@pytest.fixture
def rows(url: str, table: str) -> Iterator[Rows]:
    """Run a statement beside the connector and return what it finds."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        connection = sqlite3.connect(parts.path.removeprefix("/"), isolation_level=None)
    else:
        name = parts.path.removeprefix("/")
        connection = pg8000.dbapi.connect(
            parts.username, parts.hostname, name, parts.port, parts.password
        )
        connection.autocommit = True

    def execute(sql: str) -> list[tuple]:
        cursor = connection.cursor()
        cursor.execute(sql.format(table=table))
        return [tuple(row) for row in cursor.fetchall()] if cursor.description else []

    yield execute
    execute("DROP TABLE IF EXISTS {table}")
    execute(STATE)
    execute("DELETE FROM connectory_sync WHERE name = '{table}'")
    connection.close()


@pytest.fixture
def database(url: str, table: str) -> Database:
    return Database(Secret(url), table, Health())


@pytest.fixture
def vendor() -> standin.Crm:
    return standin.Crm(calls_per_s=10_000)


@pytest.fixture
def crm(vendor: standin.Crm) -> Iterator[Crm]:
    server = Server(vendor, 0)
    yield Crm(server.url, Secret(CRM_API_KEY), Health())
    server.stop()


def create(vendor: standin.Crm, name: str) -> str:
    lead = {"name": name, "email": "a@example.com", "company": "C"}
    answer = vendor.answer(Call("POST", "/_leads", {}, {}, json.dumps(lead).encode()))
    return answer.content["id"]


def rename(vendor: standin.Crm, lead: str, name: str) -> None:
    key = {"authorization": f"Bearer {CRM_API_KEY}"}
    body = json.dumps({"name": name}).encode()
    assert vendor.answer(Call("PATCH", f"/v1/leads/{lead}", {}, key, body)).status == 200


def test_every_lead_and_every_change_arrives_once(
    vendor: standin.Crm, crm: Crm, database: Database, rows: Rows
) -> None:
    database.prepare()
    for number in range(230):  # more than two pages
        create(vendor, f"Lead {number}")
    first = Sync(crm, database).run()
    changed = create(vendor, "Ada")
    Sync(crm, database).run()
    rename(vendor, changed, "Ada Lovelace")
    Sync(crm, database).run()

    assert first.is_complete
    names = [name for (name,) in rows("SELECT name FROM {table}")]
    assert len(names) == 231
    assert "Ada Lovelace" in names


def test_a_run_with_too_much_to_do_is_continued_by_the_next(
    vendor: standin.Crm, crm: Crm, database: Database, rows: Rows
) -> None:
    database.prepare()
    for number in range(150):
        create(vendor, f"Lead {number}")
    sync = Sync(crm, database, most_pages=1)

    first, second = sync.run(), Sync(crm, database).run()

    assert not first.is_complete
    assert second.is_complete
    assert rows("SELECT count(*) FROM {table}") == [(150,)]


class Dying(Crm):
    """A CRM that answers one page, and then nothing more."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm
        self._is_dead = False

    def changed_since(self, since: str, *, cursor: str = "", limit: int = 100) -> Page:
        if self._is_dead:
            raise TryLaterError("the CRM does not answer")
        self._is_dead = True
        return self._crm.changed_since(since, cursor=cursor, limit=limit)


def test_a_run_that_dies_keeps_its_pages_and_the_next_one_goes_on(
    vendor: standin.Crm, crm: Crm, database: Database, rows: Rows
) -> None:
    database.prepare()
    for number in range(150):
        create(vendor, f"Lead {number}")
    with pytest.raises(TryLaterError):
        Sync(Dying(crm), database).run()
    between = rows("SELECT count(*) FROM {table}")

    Sync(crm, database).run()

    assert between == [(100,)]
    assert rows("SELECT count(*) FROM {table}") == [(150,)]


def test_all_leads_can_be_read_again(
    vendor: standin.Crm, crm: Crm, database: Database, rows: Rows
) -> None:
    database.prepare()
    create(vendor, "Ada")
    sync = Sync(crm, database)
    sync.run()
    rows("DELETE FROM {table}")

    assert sync.run(everything=True) == Done(1, is_complete=True)
    assert rows("SELECT name FROM {table}") == [("Ada",)]


def test_a_table_of_an_older_form_is_brought_up_to_date_and_keeps_its_rows(
    database: Database, rows: Rows
) -> None:
    rows(STATE)
    rows(FORMS[0])
    rows("INSERT INTO {table} VALUES ('1', 'Old', 'a@example.com', '', '2026-01-01T00:00:00Z')")
    rows("INSERT INTO connectory_sync VALUES ('{table}', 1, '')")

    database.prepare()
    database.prepare()
    database.write([LEAD], LEAD.updated_at)

    assert rows("SELECT name, updated_at IS NULL FROM {table}") in (
        [("Ada", 0)],
        [("Ada", False)],
    )
    assert rows("SELECT form FROM connectory_sync WHERE name = '{table}'") == [(len(FORMS),)]


def test_what_is_newer_is_not_replaced_by_what_is_older(database: Database, rows: Rows) -> None:
    database.prepare()
    older = Lead("1", "Older", "a@example.com", "", LEAD.created_at, "2026-11-24T06:00:00Z")

    database.write([LEAD], LEAD.updated_at)
    database.write([older], LEAD.updated_at)

    assert rows("SELECT name FROM {table}") == [("Ada",)]


def test_a_page_that_cannot_be_written_changes_nothing(database: Database, rows: Rows) -> None:
    database.prepare()
    broken = Lead("2", None, "", "", LEAD.created_at, LEAD.updated_at)  # type: ignore[arg-type]

    with pytest.raises(TryLaterError):
        database.write([LEAD, broken], "x")

    assert rows("SELECT count(*) FROM {table}") == [(0,)]
    assert database.mark() == ""


def test_trouble_is_told_without_the_password() -> None:
    health = Health()
    url = Secret("postgresql://ana:hunter2@127.0.0.1:9/leads?sslmode=disable")

    with pytest.raises(TryLaterError):
        Database(url, "leads", health).prepare()

    assert "check the secret database_url" in health.reasons()["database"]
    assert "hunter2" not in str(health.reasons())


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(SettingsError, match="postgresql://"):
        Database(Secret("mysql://db/leads"), "leads", Health())


def test_a_run_looks_back_a_little_before_the_mark() -> None:
    assert earlier("2026-11-24T07:00:30.500Z") == "2026-11-24T06:59:30.500Z"
    assert earlier("") == ""
