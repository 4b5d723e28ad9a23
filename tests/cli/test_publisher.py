"""connectory publisher: jobs that may publish, from the command line."""

ADD = ("publisher", "add", "bizops")
MARKET = ("acme/market", "--workflow", "connectors.yml")


def test_a_publisher_is_added_listed_and_removed(cli, fresh: str) -> None:
    name = fresh[:30]

    added = cli(*ADD, name, *MARKET, account="ana")
    listed = cli("publisher", "list", "bizops", account="ana")
    removed = cli("publisher", "remove", "bizops", name, "--json", account="ana")

    assert added.code == 0, added.err
    assert f"ci-{name}" in added.out
    assert "audience" in added.out
    assert "token.actions.githubusercontent.com" in listed.out
    assert removed.json["removed"] is True
    rest = cli("publisher", "list", "bizops", "--json", account="ana").json["items"]
    assert name not in [one["name"] for one in rest]


def test_a_dry_run_trusts_nobody_yet(cli, fresh: str) -> None:
    done = cli(*ADD, fresh[:30], *MARKET, "--dry-run", account="ana")

    assert done.code == 0
    assert cli("publisher", "list", "bizops", "--json", account="ana").json["items"] == []


def test_gitlab_needs_the_address_of_its_issuer(cli) -> None:
    done = cli(*ADD, "x-market", *MARKET, "--host", "gitlab", account="ana")

    assert done.code == 2
    assert "--issuer" in done.err
