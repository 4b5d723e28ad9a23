"""The mirror as OSV's own interface: shapes that its clients know, and no false good news."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from demos import live_demo
from marketplaces import Marketplace
from osv import advisory, mirror

OLD = {"package": {"ecosystem": "PyPI", "name": "Jinja2"}, "version": "3.1.5"}
NEW = {**OLD, "version": "3.1.6"}
AUDIT = Path(sys.executable).with_name("pip-audit")


@pytest.fixture
def shop(marketplace: Marketplace) -> Marketplace:
    """A marketplace with one advisory."""
    mirror(marketplace.state.settings.data, advisory())
    return marketplace


def ask(shop: Marketplace, body: object, path: str = "query") -> dict:
    return shop.client.post(f"/osv/v1/{path}", json=body).json()


def test_anybody_who_may_read_can_ask(shop: Marketplace) -> None:
    found, clean = ask(shop, OLD), ask(shop, NEW)

    assert [one["id"] for one in found["vulns"]] == ["GHSA-cpwx-vrp4-4pq7"]
    assert found["vulns"][0]["affected"][0]["ranges"]
    assert clean == {"vulns": []}


def test_without_a_version_everything_about_a_package_is_told(shop: Marketplace) -> None:
    assert len(ask(shop, {"package": OLD["package"]})["vulns"]) == 1


def test_many_are_answered_in_their_order(shop: Marketplace) -> None:
    told = ask(shop, {"queries": [NEW, OLD]}, "querybatch")["results"]

    assert told[0]["vulns"] == []
    assert set(told[1]["vulns"][0]) == {"id", "modified"}


def test_an_advisory_is_shown_as_it_was_published(shop: Marketplace) -> None:
    shown = shop.client.get("/osv/v1/vulns/GHSA-cpwx-vrp4-4pq7").json()
    missing = shop.client.get("/osv/v1/vulns/GHSA-none")

    assert shown["details"] == "The filter reaches the format method."
    assert (missing.status_code, missing.json()["code"]) == (404, "advisory-not-found")


@pytest.mark.parametrize("body", [{}, {"commit": "0" * 40}, {"package": {"purl": "pkg:a/b@1"}}])
def test_what_cannot_be_looked_up_is_refused(shop: Marketplace, body: dict) -> None:
    assert ask(shop, body)["code"] == "query-unsupported"


def test_a_version_that_cannot_be_compared_is_not_called_clean(shop: Marketplace) -> None:
    assert len(ask(shop, {**OLD, "version": "yesterday"})["vulns"]) == 1


@pytest.mark.parametrize("is_old", [False, True], ids=["absent", "stale"])
def test_without_fresh_advisories_nothing_is_called_clean(
    marketplace: Marketplace, *, is_old: bool
) -> None:
    if is_old:
        old = advisory(modified="2026-01-01T00:00:00Z")
        mirror(marketplace.state.settings.data, old)

    answer = marketplace.client.post("/osv/v1/query", json=NEW)

    assert (answer.status_code, answer.json()["code"]) == (503, "no-advisories")


def test_pip_audit_finds_a_planted_advisory(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("jinja2==3.1.5\n")
    with live_demo(tmp_path / "data") as server:
        mirror(tmp_path / "data", advisory())
        command = [AUDIT, "-r", "requirements.txt", "--no-deps", "--disable-pip", "-f", "json"]
        asked = ["-s", "osv", "--osv-url", f"{server.url}/osv/v1/query"]
        done = subprocess.run(
            [*command, *asked], cwd=tmp_path, capture_output=True, timeout=60, check=False
        )

    assert done.stdout, done.stderr.decode()
    [package] = json.loads(done.stdout)["dependencies"]
    assert [one["fix_versions"] for one in package["vulns"]] == [["3.1.6"]]
