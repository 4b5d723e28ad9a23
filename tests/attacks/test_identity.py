"""Attacks on identity: look-alikes, revived names, owners that are only claimed."""

import pytest
from httpx2 import Response

from marketplaces import Marketplace

V1 = "/api/v1/connectors"
MANIFEST = """\
id: {id}
name: Sends leads
version: {version}
description: Sends new leads to a channel
owner: {owner}
namespace: {namespace}
runtime: {{type: serverless}}
vetting_status: {claimed}
"""


def publish(shop: Marketplace, id_: str, by: str = "ana", **fields: str) -> Response:
    known = {
        "id": id_,
        "namespace": "bizops" if by == "ana" else "payments",
        "version": "1.0.0",
        "owner": "ana@example.com",
        "claimed": "review",
    }
    raw = MANIFEST.format(**{**known, **fields}).encode()
    return shop.client.post(V1, files={"manifest": raw}, headers=shop.as_(by))


def decide(shop: Marketplace, key: str, *statuses: str) -> None:
    for status in statuses:
        path = f"{V1}/{key}/versions/1.0.0/status"
        body = {"status": status, "message": "for a test"}
        done = shop.client.patch(path, json=body, headers=shop.as_("admin"))
        assert done.status_code == 200, done.text


@pytest.mark.parametrize(
    "look_alike",
    [
        "crm-to-s1ack",
        "crmtoslack",
        "crm-toslack",
        "crm-t0-slack",
        "crm-to-5lack",
        "crrn-to-slack",
    ],
    ids=lambda text: f"B60-{text}",
)
def test_an_id_that_is_taken_for_another_teams_is_refused(
    marketplace: Marketplace, look_alike: str
) -> None:
    publish(marketplace, "crm-to-slack")

    refused = publish(marketplace, look_alike, by="max")

    assert (refused.status_code, refused.json()["code"]) == (409, "id-too-similar")
    assert "bizops/crm-to-slack" in refused.json()["detail"]
    assert f"connectory permit payments/{look_alike}" in refused.json()["hint"]


@pytest.mark.parametrize("row", ["B60"])
def test_the_same_team_and_the_same_id_elsewhere_are_no_attack(
    marketplace: Marketplace, row: str
) -> None:
    publish(marketplace, "crm-to-slack")

    assert publish(marketplace, "crmtoslack").status_code == 201, row
    assert publish(marketplace, "crm-to-slack", by="max").status_code == 201, row
    assert publish(marketplace, "crm-to-slack-v2", by="max").status_code == 201, row


@pytest.mark.parametrize("row", ["B60"])
def test_an_admin_may_allow_a_look_alike(marketplace: Marketplace, row: str) -> None:
    publish(marketplace, "crm-to-slack")
    path = f"{V1}/payments/crmtoslack:permit"

    by_member = marketplace.client.post(
        path, json={"reason": "mine"}, headers=marketplace.as_("max")
    )
    by_admin = marketplace.client.post(
        path, json={"reason": "both are known"}, headers=marketplace.as_("admin")
    )

    assert (by_member.status_code, by_admin.status_code) == (403, 204), row
    assert publish(marketplace, "crmtoslack", by="max").status_code == 201, row
    marketplace.follow()
    log = marketplace.client.get("/api/v1/audit", headers=marketplace.as_("admin")).json()
    (permitted,) = [one for one in log["items"] if one["kind"] == "IdPermitted"]
    assert permitted["subject"] == "payments/crmtoslack", row


@pytest.mark.parametrize("row", ["B60"])
def test_a_draft_of_another_team_is_not_named(marketplace: Marketplace, row: str) -> None:
    publish(marketplace, "secret-plan", claimed="draft")

    refused = publish(marketplace, "secretplan", by="max")

    assert refused.json()["code"] == "id-too-similar", row
    assert "secret-plan" not in refused.text, row


@pytest.mark.parametrize(
    "id_", ["\u0441rm-to-slack", "crm\u2011to-slack", "\uff43rm"], ids=lambda _: "B61"
)
def test_letters_of_other_scripts_are_no_id(marketplace: Marketplace, id_: str) -> None:
    refused = publish(marketplace, id_)

    assert (refused.status_code, refused.json()["code"]) == (422, "bad-id")


@pytest.mark.parametrize("row", ["B63"])
def test_a_retired_id_cannot_be_revived_by_another_team(
    marketplace: Marketplace, row: str
) -> None:
    publish(marketplace, "crm-to-slack")
    decide(marketplace, "bizops/crm-to-slack", "approved", "deprecated")

    refused = publish(marketplace, "crm-to-slack", by="max")
    by_its_team = publish(marketplace, "crm-to-slack", version="1.1.0")

    assert (refused.status_code, refused.json()["code"]) == (409, "id-reserved"), row
    assert by_its_team.status_code == 201, row


@pytest.mark.parametrize("row", ["B63"])
def test_a_retired_version_cannot_be_published_again(
    marketplace: Marketplace, row: str
) -> None:
    publish(marketplace, "crm-to-slack")
    decide(marketplace, "bizops/crm-to-slack", "approved", "deprecated")

    refused = publish(marketplace, "crm-to-slack", owner="bob@example.com")

    assert (refused.status_code, refused.json()["code"]) == (409, "version-exists"), row


@pytest.mark.parametrize(
    ("owner", "claimed"), [("kim@example.com", True), ("payments", True), ("bizops", False)]
)
def test_b64_an_owner_is_a_claim_unless_it_is_the_team(
    marketplace: Marketplace, owner: str, *, claimed: bool
) -> None:
    publish(marketplace, "crm-to-slack", owner=owner)

    shown = marketplace.client.get(f"{V1}/bizops/crm-to-slack").json()
    page = marketplace.client.get(
        "/c/bizops/crm-to-slack", headers={"Accept": "text/html"}
    ).text

    assert shown["owner_claimed"] is claimed
    assert ("as the manifest claims" in page) is claimed


@pytest.mark.parametrize("row", ["B67"])
def test_a_patch_that_asks_for_more_shows_it(marketplace: Marketplace, row: str) -> None:
    publish(marketplace, "crm-to-slack")
    more = "secrets: [crm_api_key]\npermissions:\n  allowed_hosts: [evil.example.com]\n"
    raw = MANIFEST.format(
        id="crm-to-slack",
        version="1.0.1",
        owner="ana@example.com",
        namespace="bizops",
        claimed="approved",
    )
    marketplace.client.post(
        V1, files={"manifest": (raw + more).encode()}, headers=marketplace.as_("ana")
    )

    path = f"{V1}/bizops/crm-to-slack/versions/1.0.1"
    diff = marketplace.client.get(f"{path}/diff", params={"from": "1.0.0"}).json()

    assert diff["grown"] == {"secrets": ["crm_api_key"], "hosts": ["evil.example.com"]}, row
    assert marketplace.client.get(path).json()["status"]["effective"] == "review", row
