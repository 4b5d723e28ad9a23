"""login, logout, whoami."""

import json
from pathlib import Path


def test_a_token_from_standard_input_is_checked_and_kept(
    cli, live_server, tmp_path: Path
) -> None:
    done = cli(
        *("login", live_server.url, "--token-stdin", "--json"),
        stdin=live_server.tokens["max"] + "\n",
        CONNECTORY_TOKEN=None,
    )

    assert done.code == 0
    assert done.json["account"] == "max"
    kept = json.loads((tmp_path / "connectory/credentials.json").read_text())
    assert kept["current"] == live_server.url
    assert kept["servers"][live_server.url]["token"] == live_server.tokens["max"]


def test_after_login_the_server_and_the_token_need_not_be_named(cli, live_server) -> None:
    unset = {"CONNECTORY_TOKEN": None, "CONNECTORY_URL": None}
    cli("login", live_server.url, "--token-stdin", stdin=live_server.tokens["max"], **unset)

    done = cli("whoami", **unset)

    assert done.code == 0
    assert "max" in done.out
    assert live_server.url in done.out


def test_a_wrong_token_is_not_kept(cli, live_server, tmp_path: Path) -> None:
    done = cli("login", live_server.url, "--token-stdin", stdin="cty_wrong")

    assert done.code == 4
    assert not (tmp_path / "connectory").exists()


def test_login_without_a_terminal_says_how(cli) -> None:
    done = cli("login")

    assert done.code == 2
    assert "hint: put it on standard input" in done.err


def test_an_empty_standard_input_has_no_token(cli) -> None:
    done = cli("login", "--token-stdin", stdin="\n")

    assert done.code == 2
    assert "standard input has no token" in done.err


def test_a_token_over_plain_http_is_warned_about(offline) -> None:
    done = offline("login", "http://127.1:9", "--token-stdin", stdin="cty_x")

    assert "the token travels unencrypted" in done.err


def test_logout_forgets_the_token(cli, live_server) -> None:
    unset = {"CONNECTORY_TOKEN": None}
    cli("login", live_server.url, "--token-stdin", stdin=live_server.tokens["max"], **unset)

    assert cli("logout", live_server.url).out.startswith("ok Signed out of ")
    assert cli("logout", live_server.url).out.startswith("No token was kept")
    assert cli("whoami", **unset).code == 4


def test_logout_as_json_says_whether_there_was_a_token(offline) -> None:
    assert offline("logout", "--json").json["forgotten"] is False


def test_whoami_lists_teams_and_roles(cli) -> None:
    assert "payments (member)" in cli("whoami", account="max").out
