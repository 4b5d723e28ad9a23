"""audit verify, list."""


def test_an_intact_log_is_said_to_be_so(cli) -> None:
    done = cli("audit", "verify")

    assert done.code == 0
    assert "chain intact" in done.out
    assert cli("audit", "verify", "--json").json["state"] == "intact"


def test_entries_are_listed_from_a_position(cli) -> None:
    first = cli("audit", "list", "--limit", "2", "--json").json["items"]
    later = cli("audit", "list", "--after", "2", "--limit", "1", "--json").json["items"]

    assert [one["position"] for one in (*first, *later)] == [1, 2, 3]
    assert "AccountCreated" in cli("audit", "list", "--limit", "2").out


def test_a_team_reads_its_own_entries(cli) -> None:
    found = cli("audit", "list", "--team", "payments", "--json", account="max").json["items"]

    assert {one["team"] for one in found} == {"payments"}


def test_the_whole_log_is_for_admins(cli) -> None:
    assert cli("audit", "list", account="max").code == 4
