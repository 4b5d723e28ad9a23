"""Versions under review, and the people who sign them off."""

from httpx2 import Response

from connectory.access import accounts
from connectory.access.rules import Actor, Reviewer
from connectory.vetting import waiving
from connectory.vetting.waiver_store import EVERY
from connectory.vetting.waiving import Wish
from marketplaces import Marketplace
from releases import publish

V1 = "/api/v1"
VERSION = f"{V1}/connectors/bizops/crm-to-slack-v1/versions"
PEOPLE = {"lee": "architect", "sam": "security", "olu": "ops", "pia": "product"}


def examine(shop: Marketplace) -> None:
    shop.follow()
    while shop.state.examiner.turn():
        shop.follow()


def submit(shop: Marketplace, version: str, changed: dict[str, str] | None = None) -> dict:
    publish(shop, version, changed, approve=False)
    examine(shop)
    return review_of(shop, version)


def review_of(shop: Marketplace, version: str) -> dict:
    for state in ("open", "changes-requested", "approved", "rejected", "vetoed", "closed"):
        found = shop.client.get(
            f"{V1}/reviews", params={"state": state}, headers=shop.as_("sam")
        ).json()["items"]
        for one in found:
            if one["version"] == version:
                path = f"{V1}/reviews/{one['id']}"
                return shop.client.get(path, headers=shop.as_("sam")).json()
    raise AssertionError(f"no review of {version}")


def decide(
    shop: Marketplace, review: dict, who: str, decision: str = "approve", **more: str
) -> Response:
    body = {"decision": decision, "digest": review["digest"], "role": PEOPLE.get(who, "ops")}
    path = f"{V1}/reviews/{review['id']}/decisions"
    return shop.client.post(path, json={**body, **more}, headers=shop.as_(who))


def sign(shop: Marketplace, review: dict) -> None:
    for one in review["missing"]:
        [who] = [person for person, role in PEOPLE.items() if role == one]
        answer = decide(shop, review, who)
        assert answer.status_code == 200, answer.text


def status_of(shop: Marketplace, version: str) -> str:
    return shop.client.get(f"{VERSION}/{version}").json()["status"]["effective"]


def staff(shop: Marketplace) -> None:
    """Make one reviewer of each kind, and waive what cannot run in tests."""
    with shop.state.works.write() as work:
        for name, kind in PEOPLE.items():
            accounts.create_account(work, name)
            accounts.make_reviewer(work, name, Reviewer(kind))
        wish = Wish(EVERY, "dependencies", "no advisories in these tests", days=1)
        waiving.waive(work, wish, Actor("sam"))
