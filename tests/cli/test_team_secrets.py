"""secret set, list, test, delete."""

CANARY = "canary-5b1e"


def test_a_secret_is_stored_listed_tested_and_forgotten(cli, fresh: str) -> None:
    name = fresh.replace("-", "_")

    stored = cli("secret", "set", name, "--stdin", stdin=f"{CANARY}\n", account="max")
    listed = cli("secret", "list", account="max")
    tested = cli("secret", "test", name, account="max")
    forgotten = cli("secret", "delete", name, "--yes", account="max")
    gone = cli("secret", "test", name, account="max")

    assert [stored.code, listed.code, tested.code, forgotten.code] == [0, 0, 0, 0]
    assert name in listed.out
    assert gone.code != 0


def test_a_value_never_appears_in_any_output(cli, fresh: str) -> None:
    name = fresh.replace("-", "_")
    setting = ("secret", "set", name, "--stdin", "--verbose", "--json")

    done = cli(*setting, stdin=CANARY, account="max")
    dry = cli(*setting, "--dry-run", stdin=CANARY, account="max")

    assert done.code == 0
    assert CANARY not in done.out + done.err + dry.out + dry.err
    assert "> PUT " in done.err


def test_without_a_terminal_the_way_to_give_the_value_is_named(cli) -> None:
    done = cli("secret", "set", "x", account="max")

    assert done.code == 2
    assert "there is no terminal" in done.err
    assert "--stdin" in done.err


def test_an_empty_value_is_refused(cli) -> None:
    done = cli("secret", "set", "x", "--stdin", stdin="", account="max")

    assert done.code == 2
    assert "standard input has no value" in done.err


def test_forgetting_needs_a_yes(cli) -> None:
    done = cli("secret", "delete", "slack_bot_token", account="max")

    assert done.code == 2
    assert "hint: add --yes" in done.err


def test_json_answers(cli, fresh: str) -> None:
    name = fresh.replace("-", "_")
    cli("secret", "set", name, "--stdin", stdin=CANARY, account="max")

    tested = cli("secret", "test", name, "--json", account="max")
    listed = cli("secret", "list", "--json", account="max")
    deleted = cli("secret", "delete", name, "--yes", "--json", account="max")

    assert tested.json["readable"] is True
    assert name in [one["name"] for one in listed.json["items"]]
    assert deleted.json["deleted"] is True


def test_a_dry_run_forgets_nothing(cli) -> None:
    done = cli("secret", "delete", "slack_bot_token", "--dry-run", account="max")

    assert done.out.startswith("Would send DELETE")
    assert cli("secret", "test", "slack_bot_token", account="max").code == 0
