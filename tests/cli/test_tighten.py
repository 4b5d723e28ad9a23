"""tighten: what a connector declares beside what it used."""

from datetime import timedelta
from pathlib import Path

import pytest

from connectory.catalog.rules import Name
from connectory.manifest import loader
from connectory.observed import store
from connectory.observed.rules import Record
from marketplaces import LiveServer


@pytest.fixture
def watched(live_server: LiveServer) -> None:
    """Slack alerts after eight days on one instance, in which it has done nothing."""
    works = live_server.state.works
    now = works.clock()
    record = Record(
        instance="inst_A",
        generation=1,
        since=now - timedelta(days=8),
        seen_at=now,
        starts=1,
        running_s=timedelta(days=8).total_seconds(),
        cpu_s=1.0,
        memory_peak=30_000_000,
        cold_start_ms=200,
        hosts={},
        refused={"evil.example": 2},
        secrets=frozenset({"slack_bot_token"}),
        outputs=None,
    )
    with works.write() as work:
        store.put(work, Name("bizops", "slack-alerts"), "1.0.0", record)


@pytest.mark.usefixtures("watched")
def test_a_narrower_manifest_is_shown_as_a_difference(cli) -> None:
    done = cli("tighten", "slack-alerts@1.0.0")

    assert done.code == 0
    assert "observed on 1 instance" in done.out
    assert "-  allowed_hosts: [slack.com]" in done.out
    assert "Should it reach evil.example?" in done.out


@pytest.mark.usefixtures("watched")
def test_it_is_written_where_it_is_wanted(cli, tmp_path: Path) -> None:
    file = tmp_path / "manifest.yaml"
    done = cli("tighten", "slack-alerts", "--output", str(file), "--json")

    manifest = loader.load(file.read_bytes()).manifest
    assert done.json["narrower"]["without_hosts"] == ["slack.com"]
    assert (manifest.version, manifest.hosts) == ("1.0.1", ())


def test_what_nobody_has_observed_has_no_narrower_manifest(cli) -> None:
    done = cli("tighten", "crm-to-db-sync@1.0.0")  # which no test of these installs

    assert done.code == 0
    assert "no narrower manifest: nobody has observed it yet" in done.err


def test_an_instance_that_is_not_there_is_named(cli) -> None:
    done = cli("tighten", "nowhere", "--team", "payments")

    assert done.code == 3
    assert "nowhere" in done.err
