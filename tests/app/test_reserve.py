"""Space kept back: taken when there is room, given up when something does not fit."""

from pathlib import Path

import pytest
from sqlalchemy import text

from connectory.app.reserve import Reserve
from connectory.gates.disk import free_bytes
from marketplaces import Marketplace

SIZE = 1_000_000
LEADS = "/api/v1/teams/payments/instances/leads"


def test_the_space_is_really_taken(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path, SIZE)

    reserve.keep()

    file = (tmp_path / "reserve").stat()
    assert (file.st_size, reserve.is_spent) == (SIZE, False)
    assert file.st_blocks * 512 >= SIZE  # no hole


def test_a_reserve_that_was_given_up_is_taken_again_when_there_is_room(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path, SIZE)
    reserve.keep()

    reserve.give_up()
    assert (reserve.is_spent, (tmp_path / "reserve").exists()) == (True, False)
    reserve.keep()

    assert (reserve.is_spent, (tmp_path / "reserve").exists()) == (False, True)


def test_without_room_for_it_twice_it_is_not_taken(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path, free_bytes(tmp_path))

    reserve.keep()

    assert (reserve.is_spent, list(tmp_path.iterdir())) == (True, [])


def test_another_size_replaces_the_file(tmp_path: Path) -> None:
    Reserve(tmp_path, SIZE).keep()

    Reserve(tmp_path, 2 * SIZE).keep()

    assert (tmp_path / "reserve").stat().st_size == 2 * SIZE


def test_size_0_keeps_nothing_and_brakes_nobody(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path, 0)

    reserve.keep()
    reserve.give_up()

    assert (reserve.is_spent, list(tmp_path.iterdir())) == (False, [])


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_full_database_is_said_to_be_full_and_frees_the_reserve(
    marketplace: Marketplace,
) -> None:
    reserve = marketplace.state.reserve
    reserve.keep()
    headers = marketplace.as_("admin")
    with marketplace.state.works.engine.connect() as db:
        pages = db.execute(text("PRAGMA page_count")).scalar_one()
        db.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    for number in range(100):
        team = {"slug": f"team-{number}", "title": "x" * 60}
        answer = marketplace.client.post("/api/v1/teams", json=team, headers=headers)
        if answer.status_code != 201:
            break

    assert (answer.status_code, answer.json()["code"]) == (507, "storage-full")
    assert reserve.is_spent
    assert marketplace.client.get("/api/v1/me", headers=headers).status_code == 200


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_while_it_is_spent_nobody_publishes_or_installs(marketplace: Marketplace) -> None:
    marketplace.state.reserve.give_up()
    client, headers = marketplace.client, marketplace.as_("admin")

    refused = [
        client.post("/api/v1/connectors", content=b"", headers=headers),
        client.put(LEADS, json={}, headers=headers),
        client.post(f"{LEADS}:upgrade", json={}, headers=headers),
        client.post("/c/bizops/leads-v1/install", headers=headers),
        client.post("/c/bizops/leads-v1/new-version", headers=headers),
        client.post("/c/bizops/leads-v1/try", headers=headers),
        client.post("/c/bizops/leads-v1/rehearse", headers=headers),
        client.post("/api/v1/connectors/bizops/leads-v1/versions/1.0.0:try", headers=headers),
        client.post("/new", headers=headers),
        client.post("/new/upload", headers=headers),
        client.post("/new/draft_1/what", headers=headers),
        client.post("/new/draft_1/publish", headers=headers),
    ]

    assert {answer.status_code for answer in refused} == {507}
    assert client.post("/new/draft_1/delete", headers=headers).status_code == 404
    assert client.get(LEADS, headers=headers).status_code == 404
    assert client.post("/api/v1/tokens", json={"name": "x"}, headers=headers).status_code == 201
