"""similar, diff, permit."""

from pathlib import Path

import pytest

MANIFEST = """\
id: lead-alerts
name: Lead alerts
version: 1.0.0
description: Sends new CRM leads to a team Slack channel
owner: bizops@example.com
tags: [crm, slack, alert]
runtime: {type: serverless}
"""


def test_similar_connectors_are_listed_with_why(cli, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.yaml"
    manifest.write_text(MANIFEST)

    told = cli("similar", str(manifest))
    listed = cli("similar", str(manifest), "--json").json

    assert told.code == 0
    assert "bizops/crm-to-slack-v1" in told.out
    assert "both use crm" in told.out
    assert listed["items"][0]["id"] == "crm-to-slack-v1"
    assert 0.35 <= listed["items"][0]["score"] <= 1


def test_a_connector_is_not_similar_to_itself(cli) -> None:
    found = cli("similar", "crm-to-slack-v1", "--json").json["items"]

    assert "crm-to-slack-v1" not in [one["id"] for one in found]


def test_publishing_without_keeping_names_similar_connectors(cli, tmp_path: Path) -> None:
    (tmp_path / "manifest.yaml").write_text(MANIFEST)

    done = cli("publish", str(tmp_path / "manifest.yaml"), "--dry-run")

    assert "Similar connectors exist: crm-to-slack-v1 (" in done.err


def test_two_connectors_are_compared(cli) -> None:
    done = cli("diff", "slack-alerts@1.0.0", "crm-to-slack-v1@1.3.0")
    whole = cli("diff", "slack-alerts@1.0.0", "crm-to-slack-v1@1.3.0", "--json").json

    assert done.code == 0
    assert "It may touch more\n  + secrets: crm_api_key" in done.out
    assert "README.md" in done.out
    assert whole["grown"]["secrets"] == ["crm_api_key"]
    assert {one["path"] for one in whole["files"]} >= {"manifest.yaml", "README.md"}


def test_a_version_is_the_same_as_itself(cli) -> None:
    assert "they are the same" in cli("diff", "crm-to-slack-v1@1.3.0", "1.3.0").err


@pytest.mark.parametrize("old", ["crm-to-slack-v1", "@", "a/b/c@1.0.0"])
def test_what_names_no_version_is_refused(cli, old: str) -> None:
    assert cli("diff", old, "1.3.0").code == 2


def test_permission_needs_a_namespace_and_a_reason(cli) -> None:
    assert cli("permit", "crm-to-slack", "--reason", "x").code == 2
    assert cli("permit", "payments/crmtoslackv1").code == 2


def test_an_admin_permits_an_id(cli) -> None:
    done = cli("permit", "payments/crmtoslackv1", "--reason", "both are known")
    shown = cli("permit", "payments/other", "--reason", "x", "--dry-run")

    assert done.code == 0
    assert "may be published" in done.out
    assert "/connectors/payments/other:permit" in shown.out + shown.err


def test_comparing_needs_no_standard_input(offline) -> None:
    assert offline("similar", "crm-to-slack-v1", closed=True).code == 7
    assert offline("diff", "a@1.0.0", "1.1.0", closed=True).code == 7
