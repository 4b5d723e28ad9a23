"""A scanner that an operator has set up counts like any other check."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

import scanners
from marketplaces import Marketplace, opened, populate
from reviewing import review_of, sign, staff, status_of, submit

WISH = {"connector": "*", "check": "gitleaks", "reason": "it is being repaired", "days": 1}


@pytest.fixture
def scanned(engine: Engine, tmp_path: Path) -> Iterator[Marketplace]:
    """A marketplace with a Gitleaks that always fails."""
    one = scanners.program(tmp_path, "exit 3")
    setup = {"scanner_gitleaks": one.program, "scanner_gitleaks_sha256": one.sha256}
    with opened(tmp_path, engine, **setup) as found:
        populate(found)
        staff(found)
        yield found


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
