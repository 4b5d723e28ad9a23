"""What every secret store promises. A new one is added to `STORES`, nothing else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from connectory.backends.secrets import SecretEntry, SecretMissingError, Secrets
from connectory.backends.secrets.keyring import KeyRing
from connectory.backends.secrets.sealed import SealedSecrets
from connectory.kernel.secret import Secret

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SLACK = "teams/payments/slack"

STORES: dict[str, Callable[[Engine, Path], Secrets]] = {
    "sealed": lambda engine, folder: SealedSecrets(engine, KeyRing(folder / "keys")),
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, engine: Engine, tmp_path: Path) -> Secrets:
    return STORES[request.param](engine, tmp_path)


@pytest.mark.parametrize(
    "value", ["xoxb-1", "", "line\nbreak \x00 ü \U0001f511", "x" * 100_000], ids=len
)
def test_a_stored_value_reads_back(store: Secrets, value: str) -> None:
    store.put(SLACK, Secret(value), by="ana", at=NOON)

    assert store.read(SLACK) == Secret(value)


def test_the_newest_version_is_read(store: Secrets) -> None:
    first = store.put(SLACK, Secret("old"), by="ana", at=NOON)
    second = store.put(SLACK, Secret("new"), by="ben", at=NOON + timedelta(days=1))

    assert (first.version, second.version) == (1, 2)
    assert store.read(SLACK) == Secret("new")


def test_what_is_not_stored_is_missing(store: Secrets) -> None:
    with pytest.raises(SecretMissingError) as missing:
        store.read(SLACK)

    assert SLACK in missing.value.hint


def test_entries_say_where_and_by_whom_and_nothing_else(store: Secrets) -> None:
    store.put(SLACK, Secret("old"), by="ana", at=NOON)
    store.put(SLACK, Secret("new"), by="ben", at=NOON)
    store.put("teams/payments/crm", Secret("key"), by="ana", at=NOON)

    entries = store.entries("teams/payments/")

    assert entries == (
        SecretEntry("teams/payments/crm", 1, NOON, "ana"),
        SecretEntry(SLACK, 2, NOON, "ben"),
    )


@pytest.mark.parametrize("other", ["teams/payments-eu/x", "teams/PAYMENTS/x", "teams/pay%/x"])
def test_entries_of_other_prefixes_are_not_listed(store: Secrets, other: str) -> None:
    store.put(other, Secret("x"), by="ana", at=NOON)

    assert store.entries("teams/payments/") == ()
    assert len(store.entries(other[: other.rindex("/") + 1])) == 1


def test_a_deleted_secret_is_missing_in_every_version(store: Secrets) -> None:
    store.put(SLACK, Secret("old"), by="ana", at=NOON)
    store.put(SLACK, Secret("new"), by="ana", at=NOON)

    store.delete(SLACK)

    assert store.entries("teams/") == ()
    with pytest.raises(SecretMissingError):
        store.read(SLACK)


def test_deleting_what_is_not_there_is_no_error(store: Secrets) -> None:
    store.delete(SLACK)


def test_concurrent_puts_get_distinct_versions(store: Secrets) -> None:
    store.put(SLACK, Secret("first"), by="ana", at=NOON)

    with ThreadPoolExecutor(8) as threads:
        entries = list(
            threads.map(
                lambda n: store.put(SLACK, Secret(str(n)), by="ana", at=NOON), range(24)
            )
        )

    assert sorted(entry.version for entry in entries) == list(range(2, 26))
    newest = max(range(24), key=lambda n: entries[n].version)
    assert store.read(SLACK) == Secret(str(newest))


def test_a_store_that_works_answers_a_ping(store: Secrets) -> None:
    store.ping()
