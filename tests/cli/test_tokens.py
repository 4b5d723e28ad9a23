"""token create, list, revoke."""


def test_a_new_token_stands_alone_on_standard_output(cli) -> None:
    done = cli("token", "create", "ci", "--scope", "read", account="max")

    assert done.code == 0
    assert done.out.startswith("cty_")
    assert len(done.out.split()) == 1
    assert "of max for read, until" in done.err


def test_a_new_token_works(cli) -> None:
    made = cli("token", "create", "ci", account="max").out.strip()

    assert cli("whoami", "--json", CONNECTORY_TOKEN=made).json["account"] == "max"


def test_an_admin_makes_tokens_for_others(cli) -> None:
    made = cli("token", "create", "--as", "max").out.strip()

    assert cli("whoami", "--json", CONNECTORY_TOKEN=made).json["account"] == "max"


def test_only_an_admin_makes_tokens_for_others(cli) -> None:
    done = cli("token", "create", "--as", "ana", account="max")

    assert done.code == 4
    assert "only an admin" in done.err


def test_a_revoked_token_ends_at_once(cli) -> None:
    made = cli("token", "create", "short", "--json", account="max").json

    assert cli("token", "revoke", made["id"], account="max").code == 0
    assert cli("whoami", CONNECTORY_TOKEN=made["token"]).code == 4


def test_tokens_are_listed_without_their_values(cli) -> None:
    made = cli("token", "create", "listed", "--json", account="kim").json

    done = cli("token", "list", account="kim")

    assert made["id"] in done.out
    assert "listed" in done.out
    assert made["token"] not in done.out
    assert cli("token", "list", "--json", account="kim").json["items"]


def test_a_dry_run_makes_no_token(cli) -> None:
    done = cli("token", "create", "dry", "--dry-run", account="max")

    assert done.code == 0
    assert done.out.startswith("Would send POST /api/v1/tokens")
    assert "dry" not in cli("token", "list", account="max").out


def test_revoking_answers_as_json(cli) -> None:
    made = cli("token", "create", "x", "--json", account="max").json

    done = cli("token", "revoke", made["id"], "--json", account="max")

    assert done.json == {"schema_version": 1, "id": made["id"], "revoked": True}
