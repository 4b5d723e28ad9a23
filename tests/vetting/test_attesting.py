"""What decides about a version is signed: publication, decisions, approval and status."""

import base64
import json
from dataclasses import replace

import pytest

from connectory.access import accounts
from connectory.access.rules import Actor, Reviewer
from connectory.attestations import bundle, statement
from connectory.attestations.errors import AttestationMismatchError
from connectory.attestations.statement import About, Statement
from connectory.attestations.verify import Approved, verify
from connectory.catalog.rules import Name
from connectory.kernel.digest import digest_of
from connectory.vetting import deciding, review_store, waiving
from connectory.vetting.deciding import Said
from connectory.vetting.rules import ROLES, Decision
from connectory.vetting.waiver_store import EVERY
from connectory.vetting.waiving import Wish
from connectory.work import Origin
from marketplaces import Marketplace
from releases import CRM_TO_SLACK, publish

VERSIONS = f"/api/v1/connectors/bizops/{CRM_TO_SLACK}/versions"
PEOPLE = {"architect": "lee", "security": "sam", "ops": "olu", "product": "pia"}
NAME = Name("bizops", CRM_TO_SLACK)


@pytest.fixture
def shop(marketplace: Marketplace) -> Marketplace:
    """A marketplace with one reviewer of each kind, and without advisories."""
    with marketplace.state.works.write() as work:
        for kind, name in PEOPLE.items():
            accounts.create_account(work, name)
            accounts.make_reviewer(work, name, Reviewer(kind))
        waiving.waive(work, Wish(EVERY, "dependencies", "no advisories here", 1), Actor("sam"))
    return marketplace


def settle(shop: Marketplace) -> None:
    """Let checks, reviews and signatures catch up."""
    shop.follow()
    while shop.state.examiner.turn():
        shop.follow()
    shop.follow()
    shop.state.signer.turn()


def approve(shop: Marketplace, version: str, *but: str) -> None:
    """Publish a version, and let the reviewers sign who are not left out."""
    publish(shop, version, approve=False)
    settle(shop)
    for role in ROLES["high"]:
        if role not in but:
            decide(shop, version, role)
    settle(shop)


def decide(shop: Marketplace, version: str, role: Reviewer) -> None:
    who = PEOPLE[role]
    with shop.state.works.write(Origin(who)) as work:
        review = review_store.of_version(work, NAME, version)
        assert review is not None
        if role in ROLES[review.risk]:
            said = Said(role, Decision.APPROVE, review.digest, "looks good")
            deciding.decide(work, review.id, said, Actor(who))


def listed(shop: Marketplace, version: str) -> dict:
    answer = shop.client.get(f"{VERSIONS}/{version}/attestations", headers=shop.as_("max"))
    assert answer.status_code == 200, answer.text
    return answer.json()


def verified(shop: Marketplace, version: str) -> Approved:
    """Verify a version by what the server hands out, as the command line does."""
    found = listed(shop, version)
    about = About(
        found["version"],
        digest_of(shop.client.get(f"{VERSIONS}/{version}/manifest").content),
        digest_of(shop.client.get(f"{VERSIONS}/{version}/package").content),
        digest_of(shop.client.get(f"{VERSIONS}/{version}/sbom").content),
    )
    assert (about.release, about.sbom) == (found["digest"], found["sbom_digest"])
    return verify(about, found["items"], bundle.read_key(found["key"]["pem"]))


def statements(shop: Marketplace, version: str) -> list[Statement]:
    payloads = [one["dsseEnvelope"]["payload"] for one in listed(shop, version)["items"]]
    return [statement.read(base64.b64decode(one)) for one in payloads]


def test_an_approved_version_can_be_verified_from_what_the_server_hands_out(
    shop: Marketplace,
) -> None:
    approve(shop, "1.4.0")
    found = verified(shop, "1.4.0")

    assert {(one.role, one.account) for one in found.sign_offs} >= {
        ("security", "sam"),
        ("ops", "olu"),
    }
    assert [one.reason for one in found.waived] == ["no advisories here"]
    decided = [one for one in statements(shop, "1.4.0") if one.kind == "decision"]
    assert decided[0].predicate["comment"] == "looks good"


def test_decisions_and_the_approval_are_bound_to_the_bill_of_materials(
    shop: Marketplace,
) -> None:
    approve(shop, "1.4.0")
    bill = listed(shop, "1.4.0")["sbom_digest"]
    bound = {one.kind for one in statements(shop, "1.4.0") if one.about.sbom == bill}

    assert bill
    assert bound == {"checks", "decision", "approval"}
    assert verified(shop, "1.4.0").sbom == bill


def test_another_bill_of_materials_is_noticed(shop: Marketplace) -> None:
    approve(shop, "1.4.0")
    found = listed(shop, "1.4.0")
    about = replace(statements(shop, "1.4.0")[1].about, sbom="sha256:" + "0" * 64)

    with pytest.raises(AttestationMismatchError, match=r"bill of materials does not fit: sbom"):
        verify(about, found["items"], bundle.read_key(found["key"]["pem"]))


def test_carried_sign_offs_say_what_they_were_about(shop: Marketplace) -> None:
    approve(shop, "1.4.0")
    first = listed(shop, "1.4.0")["digest"]
    publish(shop, "1.4.1", approve=False)
    settle(shop)

    assert {one.carried_from for one in verified(shop, "1.4.1").sign_offs} == {first}


def test_a_version_that_lacks_a_sign_off_is_not_verified(shop: Marketplace) -> None:
    approve(shop, "1.4.0", "security")

    with pytest.raises(AttestationMismatchError, match="is review, not approved"):
        verified(shop, "1.4.0")


def test_the_decision_of_an_admin_is_signed_as_that(shop: Marketplace) -> None:
    publish(shop, "1.4.0")
    settle(shop)
    found = verified(shop, "1.4.0")

    assert (found.by, found.reason, found.review) == ("admin", "for a test", "")


def test_what_is_no_longer_approved_is_said_so(shop: Marketplace) -> None:
    approve(shop, "1.4.0")
    body = {"status": "deprecated", "message": "use 1.5"}
    shop.client.patch(f"{VERSIONS}/1.4.0/status", json=body, headers=shop.as_("admin"))
    settle(shop)

    assert verified(shop, "1.4.0").status == "deprecated"


def test_nothing_is_signed_twice(shop: Marketplace) -> None:
    approve(shop, "1.4.0")
    before = listed(shop, "1.4.0")["items"]
    shop.state.signer.turn()

    assert listed(shop, "1.4.0")["items"] == before


def test_statements_tell_where_in_the_log_they_come_from(shop: Marketplace) -> None:
    approve(shop, "1.4.0")
    entries = shop.client.get("/api/v1/audit?limit=100", headers=shop.as_("admin")).json()
    known = {one["id"]: one["position"] for one in entries["items"]}

    for one in statements(shop, "1.4.0"):
        assert known[one.predicate["event"]] == one.predicate["position"]


def test_a_changed_word_of_a_decision_is_noticed(shop: Marketplace) -> None:
    approve(shop, "1.4.0")
    found = listed(shop, "1.4.0")
    envelope = found["items"][2]["dsseEnvelope"]
    payload = json.loads(base64.b64decode(envelope["payload"]))
    payload["predicate"]["comment"] = "looks bad"
    envelope["payload"] = base64.b64encode(json.dumps(payload).encode()).decode()
    about = statements(shop, "1.4.0")[1].about

    with pytest.raises(AttestationMismatchError, match=r"statement 3 of .* its signature"):
        verify(about, found["items"], bundle.read_key(found["key"]["pem"]))


def test_only_those_who_are_signed_in_read_what_reviewers_said(shop: Marketplace) -> None:
    answer = shop.client.get(f"{VERSIONS}/1.3.0/attestations")

    assert answer.status_code == 401


def test_a_package_is_handed_out_byte_for_byte(shop: Marketplace) -> None:
    publish(shop, "1.3.0")
    answer = shop.client.get(f"{VERSIONS}/1.3.0/package")

    assert digest_of(answer.content) == listed(shop, "1.3.0")["package_digest"]
    assert answer.headers["content-type"] == "application/gzip"
    assert "crm-to-slack-v1-1.3.0.tar.gz" in answer.headers["content-disposition"]


def test_a_manifest_alone_has_no_package(shop: Marketplace) -> None:
    publish(shop, "1.3.0")
    manifest = shop.client.get(f"{VERSIONS}/1.3.0/manifest").text.replace("1.3.0", "2.0.0")
    headers = {**shop.as_("ana"), "Content-Type": "application/yaml"}
    sent = shop.client.post("/api/v1/connectors", content=manifest, headers=headers)
    answer = shop.client.get(f"{VERSIONS}/2.0.0/package", headers=shop.as_("ana"))

    assert (sent.status_code, answer.json()["code"]) == (201, "no-package")
