"""preview, install, status, logs, run, operations, uninstall: one instance from end to end."""

import json
from pathlib import Path

import pytest

INSTALL = ("install", "crm-to-slack-v1", "--set", "slack_channel=#leads", "--yes")


def test_a_preview_says_everything_and_changes_nothing(cli, fresh: str) -> None:
    done = cli("preview", "crm-to-slack-v1", "--name", fresh, account="max")

    assert done.code == 0
    assert f"Plan for payments/{fresh}" in done.out
    assert "slack_channel  #sales" in done.out
    assert "cost ~$" in done.out
    assert "-> connectory install plan_" in done.err
    assert cli("status", fresh, account="max").code == 3


def test_a_preview_that_could_not_be_installed_exits_1(cli, fresh: str) -> None:
    done = cli(
        *("preview", "crm-to-slack-v1", "--name", fresh, "--set", "slack_channel=no channel"),
        account="max",
    )

    assert done.code == 1
    assert "FAIL Slack channel" in done.out


def test_install_with_dry_run_is_a_preview(cli, fresh: str) -> None:
    done = cli(*INSTALL, "--name", fresh, "--dry-run", "--json", account="max")

    assert done.json["state"] == "ready"
    assert cli("status", fresh, account="max").code == 3


def test_installing_needs_a_yes_where_nobody_can_be_asked(cli, fresh: str) -> None:
    done = cli("install", "crm-to-slack-v1", "--name", fresh, account="max")

    assert done.code == 2
    assert "hint: add --yes" in done.err


def test_exactly_a_plan_is_installed_and_each_step_shown_as_it_ends(cli, fresh: str) -> None:
    plan = cli("preview", "crm-to-slack-v1", "--name", fresh, "--json", account="max").json

    done = cli("install", plan["id"], "--yes", account="max")
    gone = cli("uninstall", fresh, "--yes", "--confirm", fresh, account="max")

    assert "  ok Wait until it is healthy" in done.err
    assert done.out.startswith("ok Running in ")
    assert "  ok See that nothing is left" in gone.err
    assert gone.out.startswith(f"ok Removed payments/{fresh}")


def test_installing_the_same_again_changes_nothing(cli, installed: str) -> None:
    done = cli(*INSTALL, "--name", installed, account="max")

    assert done.code == 0
    assert "is installed like this already" in done.out


def test_other_settings_under_the_same_name_are_a_conflict(cli, installed: str) -> None:
    done = cli(
        *("install", "crm-to-slack-v1", "--set", "slack_channel=#other", "--yes"),
        *("--name", installed),
        account="max",
    )

    assert done.code == 6


def test_a_version_that_is_not_approved_is_blocked(cli, tmp_path: Path, fresh: str) -> None:
    manifest = tmp_path / "manifest.yaml"
    manifest.write_text(
        f"id: {fresh}\nname: {fresh}\nversion: 1.0.0\ndescription: d\n"
        "owner: max@example.com\nnamespace: payments\nruntime: {type: serverless}\n"
    )
    cli("publish", str(manifest), account="max")

    done = cli("install", fresh, "--yes", account="max")

    assert done.code == 5
    assert "is not approved" in done.err


def test_what_is_not_waited_for_is_followed_by_its_operation(cli, fresh: str) -> None:
    begun = cli(*INSTALL, "--name", fresh, "--no-wait", "--json", account="max").json
    installed = cli("operations", "show", begun["operation"], "--follow", account="max")
    leaving = ("uninstall", fresh, "--yes", "--confirm", fresh, "--no-wait")
    ending = cli(*leaving, "--json", account="max").json
    removed = cli("operations", "show", ending["operation"], "-f", "--json", account="max")

    assert installed.code == 0
    assert "succeeded" in installed.out
    assert removed.json["state"] == "succeeded"


def test_an_instance_is_listed_and_shown(cli, installed: str) -> None:
    listed = cli("list", account="max")
    shown = cli("status", f"payments/{installed}", account="max")

    assert f"payments/{installed}" in listed.out
    assert "healthy" in shown.out
    assert f"/hooks/payments/{installed}/lead" in shown.out
    assert cli("status", installed, "--json", account="max").json["state"] == "running"
    assert cli("list", "--team", "payments", "--json", account="max").json["items"]


def test_the_log_is_read_filtered_and_followed(cli, installed: str) -> None:
    whole = cli("logs", installed, account="max")
    last = cli("logs", installed, "-n", "1", "--json", account="max")
    none = cli("logs", installed, "--since", "1h", "--level", "error", "--json", account="max")
    followed = cli("logs", installed, "-f", "--timeout", "1", "--json", account="max")

    assert " INFO  started" in whole.out
    assert len(last.json["items"]) == 1
    assert none.json["items"] == []
    messages = [json.loads(line)["message"] for line in followed.out.splitlines()]
    assert messages.count("started") == 1


def test_a_run_by_hand_says_what_came_of_it(cli, installed: str, tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text('{"name": "Ada"}')

    done = cli("run", installed, "--event", str(event), "--json", account="max")

    assert set(done.json) == {"schema_version", "run", "status", "output"}
    assert done.code == (0 if done.json["status"] < 300 else 1)


@pytest.mark.parametrize("text", ["{", "[]"])
def test_an_event_that_is_no_object_is_a_usage_failure(cli, text: str) -> None:
    done = cli("run", "x", "--event", "-", stdin=text, account="max")

    assert done.code == 2
    assert "is no JSON object" in done.err


def test_operations_are_listed_and_shown(cli, installed: str) -> None:
    listed = cli("operations", "list", "--team", "payments", "--json", account="max").json
    mine = [one for one in listed["items"] if one["instance"] == f"payments/{installed}"]

    shown = cli("operations", "show", mine[0]["id"], account="max")

    assert "install payments/" in shown.out
    assert "  ok Wait until it is healthy" in shown.err
    assert cli("operations", "list", "--limit", "1", account="max").code == 0
    assert cli("operations", "show", mine[0]["id"], "--json", account="max").json["steps"]


def test_removing_needs_the_name_once_more(cli, installed: str) -> None:
    unsure = cli("uninstall", installed, account="max")
    other = cli("uninstall", installed, "--yes", "--confirm", "other", account="max")

    assert (unsure.code, other.code) == (2, 2)
    assert f"hint: add --yes --confirm {installed}" in unsure.err
    assert f"--confirm says `other` and the instance is `{installed}`" in other.err


def test_a_dry_run_removes_nothing(cli, installed: str) -> None:
    done = cli("uninstall", installed, "--dry-run", account="max")

    assert done.out.startswith(f"Would remove payments/{installed}")
    dry = cli("uninstall", installed, "--dry-run", "--json", account="max").json
    assert dry["would"] == "remove"
    assert cli("status", installed, account="max").code == 0


@pytest.mark.parametrize("since", ["yesterday", "2026-01-01T00:00:00"])
def test_an_age_that_cannot_be_read_is_a_usage_failure(offline, since: str) -> None:
    done = offline("logs", "a/b", "--since", since)

    assert done.code == 2
    assert "is neither an age such as 10m nor a time with zone" in done.err


def test_a_time_with_its_zone_is_an_age(offline) -> None:
    assert offline("logs", "a/b", "--since", "2026-01-01T00:00:00Z").code == 7
