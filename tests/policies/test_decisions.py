"""Plans ask the rules in force; what they said is kept, and can be asked again."""

from httpx2 import Response

from connectory.kernel.digest import canonical_json, digest_of
from marketplaces import Marketplace
from rulebooks import RULE, packed

V1 = "/api/v1"
ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}
NO_PRODUCTION = f"""{RULE}
deny contains "nothing goes to production this week" if {{
    object.get(input, "environment", "") == "prod"
}}
"""


def planned(shop: Marketplace, environment: str = "dev") -> dict:
    asked = {**ASKED, "team": "payments", "name": "leads", "environment": environment}
    answer = shop.client.post(f"{V1}/plans", json=asked, headers=shop.as_("max"))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def install(shop: Marketplace, environment: str) -> Response:
    url = f"{V1}/teams/payments/instances/leads"
    asked = {**ASKED, "environment": environment}
    return shop.client.put(url, json=asked, headers=shop.as_("max"))


def adopt(shop: Marketplace, rule: str) -> None:
    sent, by = packed(rule), shop.as_("admin")
    digest = shop.client.post(f"{V1}/policies/bundles", content=sent, headers=by).json()[
        "digest"
    ]
    answer = shop.client.post(f"{V1}/policies/bundles/{digest}:activate", headers=by)
    assert answer.status_code == 200, answer.text


def decision(shop: Marketplace, plan: dict, how: str = "", by: str = "max") -> Response:
    path = f"{V1}/decisions/{plan['policy']['decision']}{how}"
    method = "POST" if how else "GET"
    return shop.client.request(method, path, headers=shop.as_(by))


def test_a_decision_is_kept_with_what_it_depends_on_and_can_be_made_again(shop) -> None:
    plan = planned(shop, "prod")

    kept = decision(shop, plan).json()
    again = decision(shop, plan, ":replay").json()

    assert plan["policy"]["allowed"]
    assert kept["allowed"]
    assert kept["input"]["environment"] == "prod"
    assert kept["input"]["team"] == {"name": "payments"}
    assert kept["input"]["instance"] == {"name": "leads", "target": "local"}
    assert kept["input"]["connector"]["runtime"]["resources"]["region"]
    assert kept["input_digest"] == digest_of(canonical_json(kept["input"]).encode())
    assert kept["engine"].startswith("regorus ")
    assert (again["same"], again["allowed"], again["engine"]) == (True, True, kept["engine"])


def test_what_rules_deny_is_not_installed_and_the_log_says_why(shop) -> None:
    adopt(shop, NO_PRODUCTION)

    plan, refused = planned(shop, "prod"), install(shop, "prod")

    assert plan["state"] == "blocked"
    assert [one["code"] for one in plan["problems"]] == ["policy-denied"]
    assert (refused.status_code, refused.json()["code"]) == (409, "policy-denied")
    assert "nothing goes to production this week" in refused.json()["detail"]
    assert planned(shop, "dev")["state"] == "ready"
    shop.follow()
    log = shop.client.get(f"{V1}/audit?limit=50", headers=shop.as_("admin")).text
    assert "PolicyDenied" in log
    assert plan["policy"]["decision"] in log


def test_a_decision_about_a_plan_is_seen_by_its_team_alone(shop: Marketplace) -> None:
    plan = planned(shop)

    seen = [decision(shop, plan, by=who).status_code for who in ("max", "admin", "ana")]

    assert seen == [200, 200, 404]


def test_a_decision_by_former_rules_is_made_again_by_them(shop) -> None:
    before = planned(shop, "prod")
    adopt(shop, NO_PRODUCTION)

    again = decision(shop, before, ":replay").json()

    assert (again["same"], again["allowed"]) == (True, True)


def test_a_decision_that_there_is_not_is_missing(shop: Marketplace) -> None:
    missing = {"policy": {"decision": "dec_none"}}
    assert decision(shop, missing).json()["code"] == "policy-decision-missing"
