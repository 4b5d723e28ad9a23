"""Declared beside used: what counts as never used, and what a narrower manifest leaves out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectory.backends.targets import Traffic
from connectory.manifest import loader
from connectory.manifest.model import Manifest
from connectory.observed.rules import Record, Verdict, items, less, together

DAY_S = 86_400.0
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
RECORD = Record(
    instance="inst_A",
    generation=1,
    since=BEGIN,
    seen_at=BEGIN + timedelta(days=8),
    starts=1,
    running_s=8 * DAY_S,
    cpu_s=100.0,
    memory_peak=40 * 1024 * 1024,
    cold_start_ms=300,
    hosts={"slack.com": Traffic(3, 0, 0, 0), "slack.com:443": Traffic(0, 3, 10, 20)},
    refused={"evil.example": 2},
    secrets=frozenset({"slack_token"}),
    outputs=None,
)


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return loader.load(
        b"id: lead-alerts\nname: Lead alerts\nversion: 1.0.0\nowner: bizops@example.com\n"
        b"description: Sends new CRM leads to a team Slack channel\n"
        b"runtime: {type: serverless, resources: {memory: 256Mi}}\n"
        b"secrets: [slack_token, crm_key]\noutputs: [{name: channel, type: string}]\n"
        b"permissions: {allowed_hosts: [slack.com, crm.example.com, 'db.example.com:5432']}\n"
    ).manifest


def verdicts(manifest: Manifest, *records: Record) -> dict[str, Verdict]:
    return {one.name: one.verdict for one in items(manifest, together(records))}


def test_what_is_declared_gets_a_verdict_and_what_was_refused_is_named(
    manifest: Manifest,
) -> None:
    assert verdicts(manifest, RECORD) == {
        "slack.com": Verdict.USED,
        "crm.example.com": Verdict.NEVER,
        "db.example.com:5432": Verdict.NEVER,
        "slack_token": Verdict.USED,
        "crm_key": Verdict.NEVER,
        "channel": Verdict.UNKNOWN,
        "evil.example": Verdict.REFUSED,
    }


def test_nothing_is_never_used_before_it_was_watched_long_enough(manifest: Manifest) -> None:
    short = replace(RECORD, running_s=6 * DAY_S)
    many = [replace(short, instance=f"inst_{n}") for n in range(5)]

    assert verdicts(manifest, *many)["crm_key"] is Verdict.NOT_YET
    assert not less(manifest, together(many))
    assert less(manifest, together(many), early=True).secrets == {"crm_key"}


def test_generations_of_one_instance_are_watched_together() -> None:
    half = replace(RECORD, running_s=4 * DAY_S)

    seen = together([half, replace(half, generation=2)])

    assert (seen.instances, seen.is_enough) == (1, True)


def test_one_that_tells_nothing_leaves_all_that_is_unused_unknown(manifest: Manifest) -> None:
    silent = replace(RECORD, instance="inst_B", hosts=None, secrets=None)

    found = verdicts(manifest, RECORD, silent)

    assert found["slack.com"] is Verdict.USED
    assert found["crm.example.com"] is Verdict.UNKNOWN
    assert not less(manifest, together([RECORD, silent])).hosts


def test_a_name_that_was_asked_for_counts_as_used(manifest: Manifest) -> None:
    asked = replace(RECORD, hosts={"db.example.com": Traffic(1, 0, 0, 0)})

    assert verdicts(manifest, asked)["db.example.com:5432"] is Verdict.USED


def test_nothing_is_known_where_nobody_looked(manifest: Manifest) -> None:
    assert set(verdicts(manifest).values()) == {Verdict.UNKNOWN}
    assert not less(manifest, together([]), early=True)


@pytest.mark.parametrize(
    ("peak_mib", "memory"), [(40, "64Mi"), (50, "80Mi"), (100, "160Mi"), (200, ""), (0, "")]
)
def test_memory_is_proposed_with_headroom_and_never_raised(
    manifest: Manifest, peak_mib: int, memory: str
) -> None:
    seen = together([replace(RECORD, memory_peak=peak_mib * 1024 * 1024)])

    assert less(manifest, seen).memory == memory
