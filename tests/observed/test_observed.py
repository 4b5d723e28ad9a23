"""What instances used, from their target to the pages and the narrower manifest."""

from datetime import timedelta
from pathlib import Path

import pytest

from connectory.backends.targets import Traffic, Usage
from connectory.manifest import loader
from connectory.observed import collect, store
from connectory.observed.collect import KEPT
from instances.conftest import URL, Leads
from ledger import keep_books
from marketplaces import Marketplace

VERSION = "/api/v1/connectors/bizops/crm-to-slack-v1/versions/1.3.0"
PAGE = "/c/bizops/crm-to-slack-v1@1.3.0"
DAY = timedelta(days=1)


@pytest.fixture
def leads(site: Marketplace, tmp_path: Path) -> Leads:
    """The instance `payments/leads`, which runs 1.3.0 on the books."""
    found = Leads(site, keep_books(site, tmp_path))
    found.install()
    return found


@pytest.fixture
def watched(leads: Leads) -> Leads:
    """`payments/leads` after eight days in which it has not read `crm_api_key`."""
    instance = leads.get()["id"]
    now = leads.shop.state.works.clock()
    leads.books.usages[instance] = Usage(
        generation=1,
        since=now - 8 * DAY,
        starts=2,
        running_s=8 * DAY.total_seconds(),
        cpu_s=60.0,
        memory_peak=50_000_000,
        cold_start_ms=321,
        hosts={"slack.com": Traffic(1, 1, 5, 5)},
        refused={"internal.payments.example": 3},
        secrets=frozenset({"slack_bot_token"}),
        outputs=frozenset(),
    )
    return leads


def test_what_an_instance_uses_is_seen_at_once(watched: Leads) -> None:
    found = watched.get(f"{URL}/observed")

    verdicts = {one["name"]: one["verdict"] for one in found["items"]}
    assert verdicts["slack_bot_token"] == "used"
    assert verdicts["crm_api_key"] == "never used"
    assert found["questions"] == ["internal.payments.example"]
    assert (found["instances"], found["is_enough"], found["cold_start_ms"]) == (1, True, 321)


def test_a_version_is_judged_by_what_was_collected(watched: Leads) -> None:
    before = watched.get(f"{VERSION}/observed")
    collect.collect(watched.shop.state.crew)
    collect.collect(watched.shop.state.crew)

    after = watched.get(f"{VERSION}/observed")

    assert (before["instances"], before["since"], before["narrower"]) == (0, None, None)
    assert after["instances"] == 1
    assert after["narrower"]["without_secrets"] == ["crm_api_key"]


def test_the_narrower_manifest_is_a_valid_next_version(watched: Leads) -> None:
    collect.collect(watched.shop.state.crew)
    raw = watched.shop.client.get(f"{VERSION}/manifest").content

    answer = watched.shop.client.get(f"{VERSION}/observed/manifest")

    old, new = loader.load(raw).manifest, loader.load(answer.content).manifest
    assert (old.version, new.version) == ("1.3.0", "1.4.0")
    assert {one.name for one in old.secrets} - {one.name for one in new.secrets} == {
        "crm_api_key"
    }
    assert "internal.payments.example" not in answer.text
    assert answer.headers["Content-Disposition"] == 'attachment; filename="manifest.yaml"'


def test_hosts_that_were_refused_are_shown_to_its_publishers_only(watched: Leads) -> None:
    collect.collect(watched.shop.state.crew)
    client = watched.shop.client

    own = client.get(f"{VERSION}/observed", headers=watched.by("ana")).json()
    others = client.get(f"{VERSION}/observed", headers=watched.by("zoe")).json()
    anybody = client.get(f"{PAGE}/tighten").text

    assert own["questions"] == ["internal.payments.example"]
    assert others["questions"] == []
    assert "internal.payments.example" not in anybody


def test_pages_show_declared_beside_used_and_a_difference(watched: Leads) -> None:
    collect.collect(watched.shop.state.crew)
    client = watched.shop.client

    connector = client.get(PAGE).text
    tighten = client.get(f"{PAGE}/tighten").text
    instance = client.get("/t/payments/i/leads", headers=watched.by("max")).text
    own = client.get("/t/payments/i/leads/tighten", headers=watched.by("max")).text

    assert "Never used" in connector
    assert f'href="{PAGE}/tighten"' in connector
    assert '<span data-sign="+">+version: 1.4.0' in tighten
    assert "Used but refused" in instance
    assert "Should it reach these?" in own


def test_what_is_too_early_to_say_is_not_proposed_unless_asked_for(watched: Leads) -> None:
    [(instance, usage)] = watched.books.usages.items()
    watched.books.usages[instance] = Usage(usage.generation, usage.since, running_s=10.0)

    refused = watched.shop.client.get(f"{URL}/observed/manifest", headers=watched.by("max"))
    page = watched.shop.client.get(
        "/t/payments/i/leads/tighten", headers=watched.by("max")
    ).text

    assert (refused.status_code, refused.json()["code"]) == (404, "nothing-to-tighten")
    assert "it has not been observed for long enough" in page
    assert 'href="?early=true"' in page


def test_another_generation_than_the_present_one_is_not_taken(watched: Leads) -> None:
    [(instance, usage)] = watched.books.usages.items()
    watched.books.usages[instance] = Usage(9, usage.since)

    assert watched.get(f"{URL}/observed")["instances"] == 0


def test_what_is_not_seen_any_more_is_forgotten(watched: Leads) -> None:
    works = watched.shop.state.works
    collect.collect(watched.shop.state.crew)
    with works.write() as work:
        collect.forget(work)
    kept = watched.get(f"{VERSION}/observed")["instances"]

    with works.write() as work:
        store.forget(work, -KEPT)

    assert kept == 1
    assert watched.get(f"{VERSION}/observed")["instances"] == 0
