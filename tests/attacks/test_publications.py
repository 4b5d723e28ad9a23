"""Attacks on what is published: claims, other bytes under an old name, changed blobs."""

from pathlib import Path

import pytest
from httpx2 import Response

from marketplaces import Marketplace

BRIEF = (Path(__file__).parents[1] / "manifest/examples/brief.yaml").read_bytes()
INSTANCE = "/api/v1/teams/payments/instances/leads"


def publish(marketplace: Marketplace, manifest: bytes, by: str = "ana") -> Response:
    return marketplace.client.post(
        "/api/v1/connectors", files={"manifest": manifest}, headers=marketplace.as_(by)
    )


def kinds(marketplace: Marketplace) -> list[str]:
    marketplace.follow()
    log = marketplace.client.get("/api/v1/audit", headers=marketplace.as_("admin")).json()
    return [one["kind"] for one in log["items"] if one["kind"] != "TokenCreated"]


@pytest.mark.parametrize("row", ["B1"])
def test_a_claim_is_not_believed(marketplace: Marketplace, row: str) -> None:
    answer = publish(marketplace, BRIEF)

    assert answer.status_code == 201, row
    status = answer.json()["status"]
    assert (status["claimed"], status["effective"]) == ("approved", "review")
    assert "status-is-a-claim" in [one["code"] for one in answer.json()["warnings"]]


@pytest.mark.parametrize("row", ["B3"])
def test_the_same_bytes_leave_one_event(marketplace: Marketplace, row: str) -> None:
    publish(marketplace, BRIEF)
    before = kinds(marketplace)

    again = publish(marketplace, BRIEF)

    assert (again.status_code, again.json()["created"]) == (200, False), row
    assert kinds(marketplace) == before


@pytest.mark.parametrize("row", ["B4"])
def test_other_bytes_under_the_same_version_change_nothing(
    marketplace: Marketplace, row: str
) -> None:
    first = publish(marketplace, BRIEF).json()
    before = kinds(marketplace)

    other = publish(marketplace, BRIEF.replace(b"30d", b"31d"))

    body = other.json()
    assert (other.status_code, body["code"]) == (409, "version-exists"), row
    assert body["stored_manifest"] == first["manifest_digest"]
    assert body["sent_manifest"] != first["manifest_digest"]
    assert kinds(marketplace) == before


@pytest.mark.parametrize("row", ["B6"])
def test_a_package_that_changed_on_disk_is_never_run(shop: Marketplace, row: str) -> None:
    found = shop.client.get("/api/v1/connectors/bizops/crm-to-slack-v1").json()
    digest = found["package_digest"].removeprefix("sha256:")
    blob = shop.state.settings.data / "blobs" / digest[:2] / digest[2:]
    blob.chmod(0o600)
    raw = bytearray(blob.read_bytes())
    raw[len(raw) // 2] ^= 1
    blob.write_bytes(raw)

    asked = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}
    begun = shop.client.put(INSTANCE, json=asked, headers=shop.as_("max"))
    shop.turn()

    operation = shop.client.get(begun.headers["Location"], headers=shop.as_("max")).json()
    assert (operation["state"], operation["error"]["code"]) == ("undone", "blob-corrupt"), row
    assert shop.client.get(INSTANCE, headers=shop.as_("max")).status_code == 404


@pytest.mark.parametrize("row", ["B62"])
def test_the_namespace_of_another_team_stays_closed(marketplace: Marketplace, row: str) -> None:
    for namespace in (b"bizops", b"nobody"):
        answer = publish(marketplace, BRIEF + b"namespace: " + namespace + b"\n", by="max")

        assert (answer.status_code, answer.json()["code"]) == (403, "not-namespace-member"), row
    assert "VersionPublished" not in kinds(marketplace)
