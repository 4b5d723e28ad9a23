"""Warnings: allowed, but probably not meant."""

from datetime import date

import pytest

from connectory.manifest.lints import late_deadlines
from connectory.manifest.loader import load

CHANGES = {
    "major-mismatch": ("id: crm-to-slack-v1", "id: crm-to-slack-v2"),
    "long-description": ("team Slack channel\n", "team Slack channel" + " again" * 20 + "\n"),
    "input-looks-secret": ("  - name: slack_channel\n", "  - name: a_token\n"),
    "no-provision": ('    provision: {method: store, path: "teams/{team}/crm"}\n', ""),
    "shared-secret": ("teams/{team}/crm", "shared/crm"),
    "no-region": (", region: us-east-1", ""),
    "region-outside-policy": ("region: us-east-1", "region: us-west2"),
    "reaches-nothing": ("  allowed_hosts: [slack.com, api.crm.example.com]\n", ""),
    "status-is-a-claim": ("vetting_status: review", "vetting_status: approved"),
    "policy-name": ("  - data_retention: 30d", "  - data_retentions: 30d\n  - free: a"),
    "runtime-tag": ("tags: [crm", 'tags: ["runtime:local", crm'),
    "unicode-hidden": ("name: CRM", "name: C\u200bRM"),
}


@pytest.mark.parametrize(
    ("code", "old", "new"), [(code, *change) for code, change in CHANGES.items()], ids=CHANGES
)
def test_a_second_look_is_asked_for(full: str, code: str, old: str, new: str) -> None:
    text = full.replace(old, new).replace(
        'examples: [{title: Post to sales, inputs: {slack_channel: "#sales"}}]\n', ""
    )

    warnings = load(text.encode()).warnings

    assert [(w.code, w.severity) for w in warnings] == [(code, "warning")]


def test_an_empty_list_of_hosts_is_meant(full: str) -> None:
    text = full.replace("allowed_hosts: [slack.com, api.crm.example.com]", "allowed_hosts: []")

    assert load(text.encode()).warnings == ()


def test_a_major_of_its_own_id_is_named_in_the_hint(full: str) -> None:
    (warning,) = load(full.replace("version: 1.3.0", "version: 2.0.0").encode()).warnings

    assert warning.hint == "a new major is a new connector: crm-to-slack-v2"
    assert (warning.path, warning.line) == ("id", 4)


def test_an_output_that_a_team_chooses_is_suggested_as_input(brief: str) -> None:
    hints = {w.code: w.hint for w in load(brief.encode()).warnings}

    assert "slack_channel" in hints["no-inputs"]


def test_without_outputs_the_hint_is_short(brief: str) -> None:
    text = brief.replace("outputs:\n  - slack_channel\n", "")

    hints = {w.code: w.hint for w in load(text.encode()).warnings}

    assert hints["no-inputs"] == "declare what a team chooses under `inputs`"


@pytest.mark.parametrize(("today", "late"), [(date(2027, 1, 24), 0), (date(2027, 1, 25), 1)])
def test_a_deadline_leaves_users_a_week(full: str, today: date, late: int) -> None:
    faults = list(late_deadlines(load(full.encode()).manifest, today))

    assert len(faults) == late
