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


ABOUT = {"other": "bizops/lead-alerts", "decision": "justify", "reason": "Another CRM"}


def test_a_duplicate_is_a_warning_that_names_it(marketplace: Marketplace) -> None:
    for manifest in (LEADS, TEAMS, BILLS):
        publish(marketplace, manifest)
    marketplace.follow()
    while marketplace.state.examiner.turn():
        pass

    report = marketplace.client.get(f"{V1}/bizops/crm-to-slack/versions/1.0.0/checks").json()

    [result] = [one for one in report["results"] if one["check"] == "similar"]
    [found] = [one for one in result["findings"] if "lead-alerts" in one["message"]]
    assert (result["state"], found["severity"]) == ("passed", "warning")
    assert not any("bill-watch" in one["message"] for one in result["findings"])


def test_what_becomes_of_a_duplicate_is_in_the_log(marketplace: Marketplace) -> None:
    for manifest in (LEADS, TEAMS):
        publish(marketplace, manifest)
    path = f"{V1}/bizops/crm-to-slack/similar:decide"

    done = marketplace.client.post(path, json=ABOUT, headers=marketplace.as_("ana"))
    refused = marketplace.client.post(path, json=ABOUT, headers=marketplace.as_("max"))
    marketplace.follow()

    listed = marketplace.client.get("/api/v1/audit", headers=marketplace.as_("admin")).json()
    told = [one for one in listed["items"] if one["kind"] == "SimilarDecided"]
    assert (done.status_code, refused.status_code) == (201, 403)
    assert done.json() == {"connector": "bizops/crm-to-slack", **ABOUT}
    assert [(one["subject"], one["facts"]) for one in told] == [("bizops/crm-to-slack", ABOUT)]
