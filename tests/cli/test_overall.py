"""status without a name: what needs a look."""


def test_the_server_the_account_and_the_instances_are_told(
    cli, live_server, installed: str
) -> None:
    shown = cli("status", account="max")
    told = cli("status", "--team", "payments", "--json", account="max").json

    assert shown.code == 0
    assert live_server.url in shown.out
    assert "running" in shown.out
    assert installed not in shown.out
    assert (told["account"], told["server"]) == ("max", live_server.url)
    assert told["instances"]["running"] >= 1


def test_what_is_not_well_is_named(cli, installed: str) -> None:
    cli("pause", f"payments/{installed}", account="max")

    shown = cli("status", account="max")

    cli("resume", f"payments/{installed}", account="max")
    assert f"payments/{installed}" in shown.out


def test_without_a_server_it_says_so(offline) -> None:
    assert offline("status", closed=True).code == 7
