"""What stands around all routes: hosts, schemas, kinds, and a database that is away."""

import pytest
from sqlalchemy import text

from connectory.app.frame import accepted_hosts
from connectory.manifest.schema import deploy_schema
from marketplaces import Marketplace


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_database_without_its_tables_is_said_to_be_unavailable(
    marketplace: Marketplace,
) -> None:
    headers = marketplace.as_("admin")
    with marketplace.state.works.engine.begin() as db:
        db.execute(text("ALTER TABLE token RENAME TO hidden"))

    answer = marketplace.client.get("/api/v1/me", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (503, "storage-unavailable")


def test_a_wrong_method_says_which_there_are(marketplace: Marketplace) -> None:
    answer = marketplace.client.put("/api/v1/me", headers=marketplace.as_("admin"))

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_the_schema_of_deploy_yaml_is_served(marketplace: Marketplace) -> None:
    assert marketplace.client.get("/schemas/deploy/v1.json").json() == deploy_schema()


def test_all_kinds_of_targets_are_named_when_asked_for(marketplace: Marketplace) -> None:
    here = marketplace.client.get("/api/v1/targets").json()["kinds"]
    known = marketplace.client.get("/api/v1/targets?kinds=all").json()["kinds"]

    assert here == ["local"]
    assert {"local", "kubernetes", "lambda", "node-red", "gitops"} <= set(known)
    assert "x-" not in known


def test_hosts_are_compared_as_browsers_send_them() -> None:
    assert "[fd00::1]" in accepted_hosts("http://[fd00::1]:7600", "")
    assert "shop.example" in accepted_hosts("https://shop.example", "")
