"""connectory sync: repositories of connectors from the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from demos import live_demo
from marketplaces import LiveServer
from pulled import manifest
from repositories import Repository, made


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sync")


@pytest.fixture(scope="module")
def live_server(place: Path) -> Iterator[LiveServer]:
    """A demo of this module's own: it publishes."""
    with live_demo(place / "data", git_local=str(place)) as server:
        yield server


@pytest.fixture
def market(cli, place: Path, fresh: str) -> Iterator[Repository]:
    repository = made(place / fresh)
    done = cli(
        "sync", "add", fresh, repository.url, "--team", "bizops", "--json", account="ana"
    )
    assert done.code == 0, done.err
    yield repository
    assert cli("sync", "remove", fresh, account="ana").code == 0


def test_a_sync_is_followed_and_its_log_read_again(cli, market: Repository) -> None:
    name = market.path.name
    market.commit({f"connectors/{name}/manifest.yaml": manifest(name)})

    followed = cli("sync", name, "--follow", account="ana")
    again = cli("sync", "log", name, account="ana")
    whole = cli("sync", "log", name, "--json", account="ana")

    assert followed.code == 0, followed.err
    assert f"bizops/{name}@1.0.0" in followed.out
    assert again.out == followed.out
    assert whole.json["counts"]["published"] == 1


def test_what_was_refused_fails_the_command_and_says_what_to_do(
    cli, market: Repository
) -> None:
    name = market.path.name
    market.commit({f"connectors/{name}/manifest.yaml": b"id: x\n"})

    done = cli("sync", name, "--follow", account="ana")

    assert done.code == 1
    assert "refused" in done.out
    assert "hint: " in done.out


def test_a_repository_that_cannot_be_read_fails_the_command(cli, market: Repository) -> None:
    done = cli("sync", market.path.name, "--follow", account="ana")

    assert done.code == 1
    assert "could not be fetched" in done.err
    assert "hint:" in done.err


def test_without_follow_the_sync_is_only_begun(cli, market: Repository) -> None:
    name = market.path.name

    begun = cli("sync", "run", name, "--json", account="ana")
    held_back = cli("sync", name, "--dry-run", account="ana")

    assert begun.json["state"] == "waiting"
    assert held_back.code == 0
    assert f"/sources/{name}/syncs" in held_back.out + held_back.err


def test_sources_are_listed_and_shown_with_their_last_pulls(cli, market: Repository) -> None:
    name = market.path.name
    cli("sync", name, account="ana")

    listed = cli("sync", "list", "--json", account="ana").json["items"]
    table = cli("sync", "list", account="ana").out
    shown = cli("sync", "show", name, account="ana").out

    assert name in [one["name"] for one in listed]
    assert market.url in table
    assert "/hooks/git/" in shown
    assert "syn_" in shown


def test_the_only_source_need_not_be_named(cli, market: Repository) -> None:
    done = cli("sync", account="ana")
    nobody = cli("sync", account="max")

    assert done.code == 0
    assert market.path.name in done.err + done.out
    assert nobody.code == 2
    assert "none yet" in nobody.err


def test_adding_shows_the_address_and_the_secret_of_the_webhook_once(
    cli, place: Path, fresh: str
) -> None:
    repository = made(place / fresh)

    done = cli("sync", "add", fresh, repository.url, "--team", "bizops", account="ana")

    assert done.code == 0, done.err
    assert f"/hooks/git/{fresh}" in done.out
    assert "secret" in done.out
    assert cli("sync", "remove", fresh, "--json", account="ana").json["removed"] is True


def test_merges_count_as_sign_offs_where_an_admin_says_so(cli, market: Repository) -> None:
    name = market.path.name
    rule = ("sync", "sign-off", name)

    held_back = cli(*rule, "--role", "ops", "--dry-run")
    on = cli(*rule, "--role", "ops", "--person", "lee-j=lee")
    shown = cli("sync", "show", name, account="ana")
    off = cli(*rule, "--off", "--json")

    assert held_back.code == 0
    assert "its secret" not in held_back.out
    assert (on.code, "its secret" in on.out) == (0, True)
    assert "a merge signs for  ops" in shown.out
    assert off.json["sign_offs"] == []
    assert cli(*rule, "--role", "ops", account="ana").code == 4


@pytest.mark.parametrize(
    "wish",
    [
        (),
        ("--role", "ops", "--off"),
        ("--role", "security"),
        ("--role", "ops", "--person", "x"),
    ],
    ids=["nothing", "both", "security", "no-account"],
)
def test_what_cannot_count_is_refused_before_anything_is_asked(
    cli, wish: tuple[str, ...]
) -> None:
    done = cli("sync", "sign-off", "market", *wish)

    assert done.code == 2
