"""Bundles: kept by digest, in force when they have proved themselves, and then judging."""

from pathlib import Path

import pytest
from httpx2 import Response

from marketplaces import Marketplace
from releases import publish
from rulebooks import RULE, packed

V1 = "/api/v1"
VERSION = f"{V1}/connectors/bizops/crm-to-slack-v1/versions"
BRIEF = (Path(__file__).parents[1] / "manifest/examples/brief.yaml").read_text()


def upload(shop: Marketplace, sent: bytes, by: str = "admin") -> Response:
    return shop.client.post(f"{V1}/policies/bundles", content=sent, headers=shop.as_(by))


def activate(shop: Marketplace, digest: str) -> Response:
    path = f"{V1}/policies/bundles/{digest}:activate"
    return shop.client.post(path, headers=shop.as_("admin"))


def adopted(shop: Marketplace) -> str:
    digest: str = upload(shop, packed()).json()["digest"]
    answer = activate(shop, digest)
    assert answer.status_code == 200, answer.text
    return digest


def policies(shop: Marketplace) -> dict:
    return shop.client.get(f"{V1}/policies").json()


def examine(shop: Marketplace) -> None:
    shop.follow()
    while shop.state.examiner.turn():
        shop.follow()


def policy_check(shop: Marketplace, version: str) -> dict:
    found = shop.client.get(f"{VERSION}/{version}/checks").json()["results"]
    return next(one for one in found if one["check"] == "policy")


def evaluate(shop: Marketplace, **body: str) -> Response:
    path = f"{V1}/policies:evaluate"
    return shop.client.post(path, json=body, headers=shop.as_("max"))


def test_the_shipped_rules_are_in_force_until_somebody_chooses(marketplace) -> None:
    told = policies(marketplace)

    assert (told["is_shipped"], told["activated_at"]) == (True, None)
    assert all(one["title"] and one["reason"] and one["fix"] for one in told["items"])


def test_an_upload_is_not_in_force(marketplace) -> None:
    done = upload(marketplace, packed())

    listed = marketplace.client.get(
        f"{V1}/policies/bundles", headers=marketplace.as_("max")
    ).json()["items"]
    assert done.status_code == 201
    assert [(one["is_active"], one["is_shipped"]) for one in listed] == [
        (False, False),
        (True, True),
    ]
    assert policies(marketplace)["is_shipped"]


def test_what_was_activated_is_in_force_and_the_way_back_is_open(marketplace) -> None:
    shipped = policies(marketplace)["bundle"]
    digest = adopted(marketplace)
    between = policies(marketplace)
    activate(marketplace, shipped)

    assert (between["bundle"], between["activated_by"]) == (digest, "admin")
    assert [one["title"] for one in between["items"]] == ["Licences we know"]
    assert policies(marketplace)["is_shipped"]


@pytest.mark.parametrize(
    ("rule", "bad"),
    [(RULE, "MIT"), (RULE.replace("not input", "input"), "BSD-2-Clause")],
    ids=["case", "test"],
)
def test_a_bundle_that_fails_leaves_the_old_one(marketplace, rule, bad) -> None:
    digest = upload(marketplace, packed(rule, bad)).json()["digest"]

    refused = activate(marketplace, digest)

    assert refused.status_code == 422
    assert "do not pass their own tests, so nothing changed" in refused.text
    assert policies(marketplace)["is_shipped"]


def test_what_does_not_compile_is_refused_at_once(marketplace) -> None:
    refused = upload(marketplace, packed("package rules\ndeny["))

    assert (refused.status_code, refused.json()["code"]) == (422, "policy-syntax")


@pytest.mark.parametrize("sent", [b"", b"hello", b"\x1f\x8b"])
def test_what_is_no_archive_is_refused(marketplace, sent: bytes) -> None:
    assert upload(marketplace, sent).status_code == 422


def test_nobody_but_an_admin_brings_policies(marketplace) -> None:
    assert upload(marketplace, packed(), by="max").status_code == 403


def test_an_unknown_bundle_is_not_activated(marketplace) -> None:
    assert activate(marketplace, "sha256:none").json()["code"] == "policy-bundle-missing"


def test_undecided_versions_are_judged_again(marketplace) -> None:
    publish(marketplace, "1.4.0", {"license: Apache-2.0": "license: ISC"}, approve=False)
    examine(marketplace)
    before = policy_check(marketplace, "1.4.0")["state"]
    adopted(marketplace)
    examine(marketplace)

    after = policy_check(marketplace, "1.4.0")
    assert (before, after["state"]) == ("passed", "failed")
    assert "nobody knows the licence ISC" in after["findings"][0]["message"]


def test_an_old_verdict_approves_nothing(marketplace) -> None:
    publish(marketplace, "1.4.0", approve=False)
    examine(marketplace)
    adopted(marketplace)

    found = marketplace.client.get(f"{V1}/reviews", headers=marketplace.as_("max")).json()
    path = f"{V1}/reviews/{found['items'][0]['id']}"
    review = marketplace.client.get(path, headers=marketplace.as_("max")).json()
    assert "the checks wait to run" in review["open_points"]


def test_a_version_is_evaluated_with_what_it_is_built_on(marketplace) -> None:
    publish(marketplace, "1.4.0")
    examine(marketplace)
    version = {"connector": "crm-to-slack-v1", "version": "1.4.0"}

    allowed = evaluate(marketplace, **version, action="deploy", environment="prod").json()
    moved = evaluate(marketplace, manifest=BRIEF, action="deploy", region="eu-west-9").json()

    assert allowed["allowed"]
    assert allowed["input"]["image"]["bases"] == ["python:3.11-slim-bookworm"]
    assert not moved["allowed"]
    assert any("eu-west-9 is not one of" in one["message"] for one in moved["said"])


def test_a_question_names_one_thing(marketplace) -> None:
    assert evaluate(marketplace).status_code == 422
    assert evaluate(marketplace, connector="nobody-knows-it").status_code == 404
