"""team list, show, create, add-member, defaults."""


def test_an_admin_makes_a_team_and_gives_roles(cli, fresh: str) -> None:
    made = cli("team", "create", fresh, "--title", "Fresh")
    added = cli("team", "add-member", fresh, "pia", "--role", "owner")
    shown = cli("team", "show", fresh)

    assert (made.code, added.code, shown.code) == (0, 0, 0)
    assert "-> connectory team add-member" in made.err
    assert "pia     owner" in shown.out


def test_teams_are_listed(cli) -> None:
    assert "payments" in cli("team", "list", account="max").out
    assert cli("team", "list", "--json", account="max").json["items"][0]["slug"] == "payments"


def test_the_only_team_need_not_be_named(cli) -> None:
    assert cli("team", "show", "--json", account="max").json["slug"] == "payments"


def test_somebody_in_several_teams_is_told_which(cli, fresh: str) -> None:
    cli("team", "create", fresh)

    done = cli("team", "show")

    assert done.code == 2
    assert "hint: add --team with one of: bizops" in done.err


def test_a_foreign_team_is_not_found(cli) -> None:
    assert cli("team", "show", "bizops", account="max").code == 3


def test_defaults_are_changed_one_by_one(cli, fresh: str) -> None:
    cli("team", "create", fresh)
    cli("team", "defaults", fresh, "--set", "a=1", "--set", "b=x=y")

    changed = cli("team", "defaults", fresh, "--unset", "a", "--json")
    shown = cli("team", "defaults", fresh)

    assert changed.json["inputs"] == {"b": "x=y"}
    assert "b        x=y" in shown.out


def test_a_setting_without_a_value_is_a_usage_failure(offline) -> None:
    done = offline("team", "defaults", "x", "--set", "a")

    assert done.code == 2
    assert "`a` is not of the form name=value" in done.err


def test_json_answers_have_the_fields_of_the_api(cli, fresh: str) -> None:
    made = cli("team", "create", fresh, "--json")
    added = cli("team", "add-member", fresh, "pia", "--json")

    assert made.json["namespaces"] == [fresh]
    assert {"account": "pia", "role": "member"} in added.json["members"]
