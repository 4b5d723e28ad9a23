"""The file with the stored tokens."""

import stat
from pathlib import Path

import pytest

from connectory.cli.credentials import (
    Credentials,
    CredentialsExposedError,
    CredentialsUnreadableError,
)
from connectory.kernel.secret import Secret

HERE, THERE = "http://127.0.0.1:7600", "https://connectory.example"


@pytest.fixture
def credentials(tmp_path: Path) -> Credentials:
    return Credentials(tmp_path / "connectory")


def test_nothing_is_stored_at_first(credentials: Credentials) -> None:
    assert credentials.read().servers == {}
    assert credentials.read().current == ""


def test_a_stored_token_comes_back_and_its_server_is_the_current_one(
    credentials: Credentials,
) -> None:
    credentials.store(HERE, Secret("cty_1"), "ana")
    credentials.store(THERE, Secret("cty_2"), "max")

    book = credentials.read()

    assert book.servers[HERE].token == Secret("cty_1")
    assert book.servers[THERE].account == "max"
    assert book.current == THERE


def test_nobody_else_may_read_the_file_or_its_folder(credentials: Credentials) -> None:
    credentials.store(HERE, Secret("cty_1"), "ana")

    assert stat.S_IMODE(credentials.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(credentials.config.stat().st_mode) == 0o700


def test_a_file_that_others_may_read_is_not_used(credentials: Credentials) -> None:
    credentials.store(HERE, Secret("cty_1"), "ana")
    credentials.path.chmod(0o640)

    with pytest.raises(CredentialsExposedError):
        credentials.read()


@pytest.mark.parametrize("text", ["", "[]", '{"servers": {}}', '{"servers": 1, "current": ""}'])
def test_a_damaged_file_is_named(credentials: Credentials, text: str) -> None:
    credentials.config.mkdir()
    credentials.path.touch(mode=0o600)
    credentials.path.write_text(text)

    with pytest.raises(CredentialsUnreadableError):
        credentials.read()


def test_a_file_that_cannot_be_opened_is_named(credentials: Credentials) -> None:
    credentials.path.mkdir(parents=True)

    with pytest.raises(CredentialsUnreadableError, match="Is a directory"):
        credentials.read()


def test_a_forgotten_server_is_no_longer_the_current_one(credentials: Credentials) -> None:
    credentials.store(HERE, Secret("cty_1"), "ana")

    assert credentials.forget(HERE)
    assert not credentials.forget(HERE)
    assert credentials.read().current == ""
