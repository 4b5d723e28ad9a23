"""The bill of materials of a version is made with its checks, and handed out as it was kept."""

import json

import pytest

from connectory.checks.sbom import Sbom
from connectory.kernel.digest import digest_of
from connectory.vetting import sbom_store
from marketplaces import Marketplace
from releases import CRM_TO_SLACK, publish

VERSION = f"/api/v1/connectors/bizops/{CRM_TO_SLACK}/versions/1.3.0"


@pytest.fixture
def shop(marketplace: Marketplace) -> Marketplace:
    publish(marketplace, "1.3.0")
    return marketplace


def check(shop: Marketplace) -> None:
    shop.follow()
    while shop.state.examiner.turn():
        shop.follow()


def test_before_the_checks_ran_it_is_missing(shop: Marketplace) -> None:
    answer = shop.client.get(f"{VERSION}/sbom")

    assert (answer.status_code, answer.json()["code"]) == (404, "sbom-missing")


def test_it_is_handed_out_with_its_digest_and_told_beside_the_checks(
    shop: Marketplace,
) -> None:
    check(shop)
    answer = shop.client.get(f"{VERSION}/sbom")
    told = shop.client.get(f"{VERSION}/checks").json()["sbom"]

    assert answer.headers["content-type"] == "application/vnd.cyclonedx+json"
    assert answer.headers["etag"] == f'"{digest_of(answer.content)}"'
    assert "crm-to-slack-v1-1.3.0.cdx.json" in answer.headers["content-disposition"]
    assert told["digest"] == digest_of(answer.content)
    assert told["components"] == len(json.loads(answer.content)["components"])
    assert VERSION in told["url"]


def test_the_first_one_stays(shop: Marketplace) -> None:
    check(shop)
    before = shop.client.get(f"{VERSION}/sbom").content
    release = shop.client.get(VERSION).json()["digest"]
    with shop.state.works.write() as work:
        sbom_store.keep(work, release, Sbom(b"{}", 0, ()))

    assert shop.client.get(f"{VERSION}/sbom").content == before


def test_the_log_names_it(shop: Marketplace) -> None:
    check(shop)
    entries = shop.client.get("/api/v1/audit?limit=100", headers=shop.as_("admin")).json()
    [checked] = [one for one in entries["items"] if one["kind"] == "VersionChecked"]
    told = shop.client.get(f"{VERSION}/checks").json()["sbom"]

    assert checked["facts"]["sbom"] == told["digest"]
