"""The starter as it is installed from the demo, writing to SQLite and to PostgreSQL."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from connectory.manifest.loader import load
from processes import MarketplaceProcess, marketplace_process

POSTGRES = os.environ.get("CONNECTORY_TEST_POSTGRES_URL", "").replace("+psycopg", "")
INSTANCES = "/api/v1/teams/payments/instances"
TABLE = f"synced_{os.getpid()}"

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MarketplaceProcess]:
    """A demo whose connectors may reach the PostgreSQL of the tests."""
    reached = {"local_private": urlsplit(POSTGRES).netloc.rpartition("@")[2]}
    with marketplace_process(tmp_path_factory.mktemp("sync") / "served") as process:
        yield process.start(**(reached if POSTGRES else {}))


def install(served: MarketplaceProcess, name: str, **inputs: str) -> str:
    """Install the starter and let it run once; return the id of the instance."""
    asked = {"connector": "crm-to-db-sync", "environment": "dev", "inputs": inputs}
    begun = served.client.put(f"{INSTANCES}/{name}", json=asked)
    assert begun.status_code == 202, begun.text
    assert served.ended(begun.json()["operation"])["state"] == "succeeded"
    return str(begun.json()["instance"]["id"])


def run(served: MarketplaceProcess, name: str) -> None:
    done = served.client.post(f"{INSTANCES}/{name}:run", json={"event": {}})
    assert done.status_code == 200, done.text


def test_leads_are_in_the_file_of_the_instance(served: MarketplaceProcess) -> None:
    served.create_lead("Ada")
    instance = install(served, "to-sqlite")

    run(served, "to-sqlite")

    [file] = (served.data / "instances" / instance).rglob("leads.db")
    with closing(sqlite3.connect(file)) as db:
        assert ("Ada",) in db.execute("SELECT name FROM crm_leads").fetchall()


@pytest.mark.skipif(not POSTGRES, reason="CONNECTORY_TEST_POSTGRES_URL is not set")
def test_leads_are_in_postgresql_and_stay_when_the_instance_is_gone(
    served: MarketplaceProcess,
) -> None:
    secret = {"value": f"{POSTGRES}?sslmode=disable"}
    stored = served.client.put("/api/v1/teams/payments/secrets/database_url", json=secret)
    install(served, "to-postgresql", table=TABLE)
    served.create_lead("Grace")
    run(served, "to-postgresql")
    removed = served.client.delete(f"{INSTANCES}/to-postgresql").json()["operation"]

    assert stored.is_success
    assert served.ended(removed)["state"] == "succeeded"
    with psycopg.connect(POSTGRES, autocommit=True) as db:
        found = db.execute(f"SELECT name FROM {TABLE}").fetchall()  # noqa: S608  named above
        db.execute(f"DROP TABLE {TABLE}")
        db.execute("DELETE FROM connectory_sync WHERE name = %s", (TABLE,))
    assert ("Grace",) in found


def test_its_manifest_has_no_warnings(starters: Path) -> None:
    assert load((starters / "crm-to-db-sync/manifest.yaml").read_bytes()).warnings == ()
