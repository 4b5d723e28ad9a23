"""Rehearsing the removal of a version: no starter leaves anything behind, which is proved."""

import pytest

from connectory.gates import archive
from connectory.kernel.digest import canonical_json
from connectory.manifest import loader
from connectory.rehearsals import read, signing
from releases import STARTERS
from trials import MANIFEST, STARTER, V1, Trials

NO_CLAIM = {"clean", "signature", "key"}
USUAL = ("crm-to-db-sync", "slack-alerts")
BUNDLES = [
    pytest.param(
        one,
        id=one.name,
        marks=() if one.name.startswith(USUAL) else pytest.mark.full,
    )
    for one in sorted(STARTERS.glob("*.tar.gz"))
]


@pytest.mark.parametrize("bundle", BUNDLES)
def test_a_starter_leaves_nothing_behind(trials: Trials, bundle) -> None:
    manifest = loader.load(archive.read(bundle, "manifest.yaml") or b"").manifest
    version = f"{manifest.id}/versions/{manifest.version}"

    operation = trials.rehearsed(version)

    assert (operation["state"], operation["error"]) == ("succeeded", None)
    certificate = trials.certificate(version)
    assert (certificate["findings"], certificate["clean"]) == ([], True)
    assert [e for e in certificate["examples"] if e["status"] >= 400] == []
    assert trials.left_over() == []


def test_a_certificate_is_about_a_release_and_signed(trials: Trials) -> None:
    trials.rehearsed(STARTER)
    release = trials.api("GET", STARTER, by="").json()
    shown = trials.certificate(STARTER, by="")
    state = trials.live.state

    with state.works.read() as work:
        found = read.certificate(work, release["digest"])

    assert found is not None
    assert [(one["status"], one["arrived"]) for one in shown["examples"]] == [(200, 1)] * 2
    assert shown["digest"] == release["digest"]
    assert found.signature == shown["signature"]
    said = {name: value for name, value in shown.items() if name not in NO_CLAIM}
    assert canonical_json(said) == found.certificate.text()
    key = state.audit_key.public_key()
    assert signing.is_genuine(found.certificate, found.signature, key)
    assert not signing.is_genuine(found.certificate, f"00{found.signature[2:]}", key)


def test_the_page_and_the_log_say_that_it_was_rehearsed(trials: Trials) -> None:
    trials.rehearsed(STARTER)

    page = trials.ask("GET", "/c/bizops/slack-alerts", headers={"Accept": "text/html"}).text
    audit = trials.ask("GET", f"{V1}/teams/bizops/audit?limit=100").json()["items"]

    assert "Removal rehearsed: it leaves nothing behind" in page
    assert "Rehearse the removal" in page
    rehearsed = [one["facts"] for one in audit if one["kind"] == "VersionRehearsed"]
    assert (rehearsed[-1]["clean"], rehearsed[-1]["left"]) == (True, [])


def test_who_asks_again_is_shown_the_rehearsal_that_goes_on(trials: Trials) -> None:
    first, second = (trials.api("POST", f"{STARTER}:rehearse").json() for _ in range(2))
    trials.ask("POST", f"{V1}/operations/{first['operation']}:cancel")

    assert first == second
    assert trials.ended(first["operation"])["state"] == "cancelled"
    assert trials.left_over() == []


def test_only_the_team_of_a_version_rehearses_it(trials: Trials) -> None:
    assert trials.api("POST", f"{STARTER}:rehearse", by="max").json()["code"] == "team-missing"
    assert trials.api("POST", f"{STARTER}:rehearse", by="").status_code == 401


def test_a_version_that_was_never_rehearsed_has_no_certificate(trials: Trials) -> None:
    trials.publish(MANIFEST, {})

    missing = trials.api("GET", "messy/versions/1.0.0/certificate")

    assert (missing.status_code, missing.json()["code"]) == (404, "certificate-missing")
