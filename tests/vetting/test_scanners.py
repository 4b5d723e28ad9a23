"""A scanner that an operator has set up counts like any other check."""

from dataclasses import replace
from pathlib import Path

import pytest

import scanners
from connectory.checks.scanners import chosen
from marketplaces import Marketplace
from reviewing import review_of, sign, status_of, submit

WISH = {"connector": "*", "check": "gitleaks", "reason": "it is being repaired", "days": 1}


@pytest.fixture
def scanned(shop: Marketplace, tmp_path: Path) -> Marketplace:
    """A marketplace with a Gitleaks that always fails."""
    one = scanners.program(tmp_path, "exit 3")
    setup = {"scanner_gitleaks": one.program, "scanner_gitleaks_sha256": one.sha256}
    examiner = shop.state.examiner
    found = chosen(replace(shop.state.settings, **setup))
    shop.state.examiner = replace(examiner, around=replace(examiner.around, scanners=found))
    return shop


def test_one_that_could_not_look_keeps_a_version_from_approval_until_it_is_waived(
    scanned: Marketplace,
) -> None:
    sign(scanned, submit(scanned, "1.4.0"))
    before = status_of(scanned, "1.4.0"), review_of(scanned, "1.4.0")["open_points"]
    waived = scanned.client.post("/api/v1/waivers", json=WISH, headers=scanned.as_("sam"))

    assert before == ("review", ["gitleaks could not run"])
    assert waived.status_code == 201
    assert status_of(scanned, "1.4.0") == "approved"


def test_what_it_says_is_told_with_its_name(scanned: Marketplace) -> None:
    submit(scanned, "1.4.0")
    path = "/api/v1/connectors/bizops/crm-to-slack-v1/versions/1.4.0/checks"

    told = scanned.client.get(path).json()["results"][-1]

    assert (told["check"], told["state"]) == ("gitleaks", "not-run")
    assert told["title"] == "Gitleaks finds no credential"
    assert told["reason"] == "Gitleaks ended with 3: it does not say why"
