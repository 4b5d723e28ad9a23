"""Saying what a change would do without doing it."""

import pytest

from releases import publish
from walks import contents

MORE_HOSTS = {"[slack.com, api.crm": "[slack.com, api.dir.example.com, api.crm"}


@pytest.mark.parametrize("change", ["pause", "restart", "rotate"])
def test_a_preview_says_what_would_happen_and_changes_nothing(leads, change: str) -> None:
    before = contents(leads.shop)

    in_body = leads.post(change, dry_run=True)
    in_address = leads.post(f"{change}?dry_run=true")

    said = in_body.json()
    assert (in_body.status_code, in_address.status_code) == (200, 200)
    assert (said["action"], said["state"]) == (change, "running")
    assert said["effect"]
    assert said["steps"]
    assert in_address.json() == said
    assert contents(leads.shop) == before


def test_a_preview_refuses_what_would_be_refused(leads) -> None:
    resume = leads.post("resume", dry_run=True)
    rollback = leads.post("rollback", dry_run=True)
    leads.post("pause")
    busy = leads.post("restart", dry_run=True)

    assert resume.json()["code"] == "instance-state"
    assert rollback.json()["code"] == "no-version-before"
    assert busy.json()["code"] == "operation-running"


def test_the_preview_of_a_rollback_shows_settings_and_permissions(leads) -> None:
    publish(leads.shop, "1.4.0", MORE_HOSTS)
    new = {"slack_channel": "#other"}
    leads.ended(leads.post("upgrade", inputs=new, accept_permissions=True))
    before = contents(leads.shop)

    said = leads.post("rollback", dry_run=True).json()

    assert (said["from_version"], said["version"]) == ("1.4.0", "1.3.0")
    assert differences(said, "setting_changes") == [("slack_channel", "#other", "#leads")]
    assert (said["grown"], said["problems"]) == ([], [])
    assert ("version", "1.4.0", "1.3.0") in differences(said)
    assert contents(leads.shop) == before


def test_the_dry_run_of_an_upgrade_can_be_asked_for_in_the_address(leads) -> None:
    publish(leads.shop, "1.4.0")

    answer = leads.post("upgrade?dry_run=true", inputs={"slack_channel": "#other"})

    assert (answer.status_code, answer.json()["action"]) == (200, "upgrade")
    assert [one["path"] for one in answer.json()["setting_changes"]] == ["slack_channel"]
    assert leads.get()["connector"]["version"] == "1.3.0"


def test_the_versions_of_an_instance_are_listed_with_who_and_what_changed(leads) -> None:
    publish(leads.shop, "1.4.0")
    leads.ended(leads.post("upgrade", inputs={"slack_channel": "#other"}))
    leads.ended(leads.post("rollback"))

    found = leads.get("/api/v1/teams/payments/instances/leads/versions")["items"]

    assert [(one["version"], one["kind"], one["by"]) for one in found] == [
        ("1.3.0", "rollback", "max"),
        ("1.4.0", "upgrade", "max"),
        ("1.3.0", "install", "max"),
    ]
    assert [[c["new"] for c in one["setting_changes"]] for one in found] == [
        ["#leads"],
        ["#other"],
        [],
    ]


def differences(said, what: str = "changes") -> list[tuple[object, ...]]:
    return [(one["path"], one["old"], one["new"]) for one in said[what]]
