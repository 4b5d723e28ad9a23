"""Similar connectors, through the API."""

from marketplaces import Marketplace

MANIFEST = """\
id: {id}
name: {name}
version: 1.0.0
description: {description}
owner: bizops@example.com
tags: [{tags}]
runtime: {{type: serverless}}
triggers: [{{type: webhook, path: /lead}}]
vetting_status: {claimed}
"""
LEADS = {
    "id": "crm-to-slack",
    "name": "CRM to Slack",
    "description": "Sends new CRM leads to a channel",
    "tags": "crm, slack, alert",
    "claimed": "review",
}
TEAMS = {**LEADS, "id": "lead-alerts", "name": "Lead alerts", "tags": "crm, slack, lead"}
BILLS = {**LEADS, "id": "bill-watch", "name": "Bills", "description": "Watches", "tags": "cost"}
V1 = "/api/v1/connectors"


def publish(shop: Marketplace, manifest: dict[str, str], by: str = "ana") -> None:
    raw = MANIFEST.format(**manifest).encode()
    sent = shop.client.post(V1, files={"manifest": raw}, headers=shop.as_(by))
    assert sent.status_code == 201, sent.text
    shop.follow()


def test_similar_connectors_are_listed_with_a_score_and_reasons(
    marketplace: Marketplace,
) -> None:
    for manifest in (LEADS, TEAMS, BILLS):
        publish(marketplace, manifest)

    found = marketplace.client.get(f"{V1}/bizops/crm-to-slack/similar").json()["items"]

    assert [one["id"] for one in found] == ["lead-alerts"]
    assert 0.5 < found[0]["score"] < 1
    assert found[0]["reasons"][0] == "both use crm and slack"


def test_validation_names_the_nearest_duplicates(marketplace: Marketplace) -> None:
    publish(marketplace, LEADS)

    checked = marketplace.client.post(
        f"{V1}:validate",
        files={"manifest": MANIFEST.format(**TEAMS).encode()},
        headers=marketplace.as_("max"),
    ).json()

    assert [one["url"] for one in checked["similar"]] == ["/c/bizops/crm-to-slack"]


def test_b77_drafts_of_other_teams_are_not_similar_to_anything(
    marketplace: Marketplace,
) -> None:
    publish(marketplace, LEADS)
    publish(marketplace, {**TEAMS, "claimed": "draft"}, by="max")
    path = f"{V1}/bizops/crm-to-slack/similar"

    def seen(by: str) -> list[str]:
        items = marketplace.client.get(path, headers=marketplace.as_(by)).json()["items"]
        return [one["id"] for one in items]

    assert (seen("ana"), seen("max")) == ([], ["lead-alerts"])
