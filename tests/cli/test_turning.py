"""pause, resume, restart, upgrade, rollback, outdated."""

OTHER = ("--set", "slack_channel=#other")
LIST = ("operations", "list", "--json", "--instance")


def test_an_instance_is_paused_and_resumed(cli, installed: str) -> None:
    paused = cli("pause", installed, account="max")
    status = cli("status", installed, "--json", account="max").json
    resumed = cli("resume", installed, account="max")

    assert paused.out.startswith(f"ok Paused payments/{installed} in ")
    assert (status["state"], status["health"]["status"]) == ("paused", "paused")
    assert resumed.out.startswith(f"ok Resumed payments/{installed} in ")


def test_a_restart_shows_its_steps(cli, installed: str) -> None:
    done = cli("restart", installed, account="max")

    assert done.code == 0
    assert "ok Start the process" in done.err


def test_a_change_without_waiting_says_how_to_watch_it(cli, installed: str) -> None:
    done = cli("restart", installed, "--no-wait", "--json", account="max")
    operation = done.json["operation"]
    cli("operations", "show", operation, "--follow", account="max")

    assert f"connectory operations show {operation} --follow" in done.err


def test_resuming_what_runs_is_a_conflict(cli, installed: str) -> None:
    done = cli("resume", installed, account="max")

    assert done.code == 6
    assert "is running, so there is nothing to resume" in done.err


def test_an_upgrade_is_shown_carried_out_and_rolled_back(cli, installed: str) -> None:
    shown = cli("upgrade", installed, *OTHER, "--dry-run", account="max")
    upgraded = cli("upgrade", installed, *OTHER, "--yes", account="max")
    back = cli("rollback", installed, account="max")

    assert f"Upgrade payments/{installed}" in shown.out
    assert "cost ~$" in shown.out
    assert upgraded.out.startswith(f"ok Upgraded payments/{installed} to 1.3.0 in ")
    assert f"connectory rollback payments/{installed}" in upgraded.err
    assert back.out.startswith(f"ok Rolled back payments/{installed} in ")


def test_an_upgrade_needs_a_yes_where_nobody_can_be_asked(cli, installed: str) -> None:
    done = cli("upgrade", installed, *OTHER, account="max")

    assert done.code == 2
    assert "hint: add --yes" in done.err


def test_an_upgrade_that_could_not_be_done_exits_1_when_it_is_only_shown(
    cli, installed: str
) -> None:
    done = cli(
        *("upgrade", installed, "--set", "slack_channel=no channel", "--dry-run", "--json"),
        account="max",
    )

    assert (done.code, done.json["state"]) == (1, "blocked")


def test_an_upgrade_to_what_is_there_is_a_conflict(cli, installed: str) -> None:
    done = cli("upgrade", installed, "--yes", account="max")

    assert done.code == 6
    assert "at 1.3.0 with these settings already" in done.err


def test_nothing_is_outdated_while_there_are_no_newer_versions(cli) -> None:
    as_json = cli("outdated", "--team", "payments", "--json", account="max")
    as_text = cli("outdated", account="max")

    assert as_json.json["items"] == []
    assert as_text.code == 0


def test_an_operation_that_succeeded_is_neither_cancelled_nor_retried(
    cli, installed: str
) -> None:
    found = cli("status", installed, "--json", account="max").json["last_operation"]["id"]

    cancelled = cli("operations", "cancel", found, account="max")
    retried = cli("operations", "retry", found, account="max")

    assert (cancelled.code, retried.code) == (6, 6)
    assert "has ended: succeeded" in cancelled.err
    assert "cannot be tried again" in retried.err


def test_what_a_change_would_do_is_said_and_nothing_is_done(cli, installed: str) -> None:
    for change in ("pause", "restart", "rotate"):
        shown = cli(change, installed, "--dry-run", account="max")

        assert (shown.code, shown.out.split("\n")[0]) == (
            0,
            f"{change.capitalize()} payments/{installed}   (nothing changed)",
        )
    assert cli("status", installed, "--json", account="max").json["state"] == "running"


def test_credentials_are_rotated(cli, installed: str) -> None:
    before = cli("hooks", installed, "--json", account="max").json["urls"]

    done = cli("rotate", installed, account="max")

    assert done.out.startswith(f"ok Rotated the credentials of payments/{installed} in ")
    assert f"connectory hooks payments/{installed}" in done.err
    assert cli("hooks", installed, "--json", account="max").json["urls"] != before


def test_a_pause_is_undone_and_the_operations_of_an_instance_are_listed(
    cli, installed: str
) -> None:
    cli("pause", installed, account="max")
    [last] = cli(*LIST, installed, "--kind", "pause", "--limit", "1", account="max").json[
        "items"
    ]

    undone = cli("operations", "undo", last["id"], "--json", account="max")
    ended = cli("operations", "show", undone.json["id"], "--follow", account="max")
    again = cli("operations", "undo", last["id"], account="max")

    assert (undone.json["kind"], ended.code) == ("resume", 0)
    assert (again.code, again.err.count("came after it")) == (6, 1)


def test_an_install_that_was_undone_is_tried_again_with_other_settings(cli, fresh: str) -> None:
    wrong = ("--set", "slack_channel=#leads", "--set", "crm_api_url=http://127.0.0.1:9")
    failed = cli(
        *(
            "install",
            "crm-to-slack-v1",
            "--name",
            fresh,
            "--yes",
            "--no-wait",
            "--json",
            *wrong,
        ),
        account="max",
    ).json["operation"]
    cli("operations", "cancel", failed, account="max")
    cli("operations", "show", failed, "--follow", account="max")

    retried = cli("operations", "retry", failed, *OTHER, "--dry-run", account="max")

    assert retried.code == 0
    assert "#other" in retried.out + retried.err
