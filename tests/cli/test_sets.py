"""set list, show, put, delete; searches; search --save."""


def test_a_set_is_made_changed_and_deleted(cli, fresh: str) -> None:
    made = cli("set", "put", fresh, "--title", "Fresh", "--member", "crm-to-slack-v1=CRM sync")
    changed = cli("set", "put", fresh, "--why", "Because", "--json")
    shown = cli("set", "show", fresh)
    deleted = cli("set", "delete", fresh, "--yes")

    assert (made.code, shown.code, deleted.code) == (0, 0, 0)
    assert changed.json["revision"] == 2
    assert changed.json["members"][0]["title"] == "CRM sync"
    assert "bizops/crm-to-slack-v1" in shown.out
    assert cli("set", "show", fresh).code == 3


def test_the_starters_are_recommended_at_first(cli) -> None:
    assert "Start here" in cli("set", "list", account="max").out


def test_who_is_no_admin_changes_no_set(cli) -> None:
    assert cli("set", "put", "start", "--title", "Mine", account="max").code == 4


def test_a_search_is_saved_listed_renamed_and_deleted(cli, fresh: str) -> None:
    saved = cli("search", "slack", "--tag", "alert", "--save", fresh, account="max")
    listed = cli("searches", "list", "--json", account="max").json["items"]
    mine = next(each for each in listed if each["title"] == fresh)

    renamed = cli("searches", "rename", mine["id"], "Other", account="max")
    deleted = cli("searches", "delete", mine["id"], account="max")

    assert (saved.code, renamed.code, deleted.code) == (0, 0, 0)
    assert mine["query"] == "q=slack&tag=alert"
    assert cli("searches", "delete", mine["id"], account="max").code == 3


def test_a_dry_run_saves_nothing(cli) -> None:
    ran = cli("search", "slack", "--save", "x", "--dry-run", "--json", account="max")

    assert ran.json["path"] == "/api/v1/searches"


def test_without_standard_input_deleting_needs_yes(offline) -> None:
    assert offline("set", "delete", "start", closed=True).code == 7
