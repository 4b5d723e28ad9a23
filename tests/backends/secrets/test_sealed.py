"""What somebody with the table, but without the key, can do to sealed secrets: nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, update
from sqlalchemy.exc import IntegrityError

from connectory.backends.secrets import SecretUnreadableError
from connectory.backends.secrets.keyring import KeyRing
from connectory.backends.secrets.sealed import (
    VERSIONS,
    SealedSecrets,
    SecretsUnavailableError,
)
from connectory.kernel.secret import Secret

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
CANARY = "canary-5a1e77"


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys")


@pytest.fixture
def sealed(engine: Engine, keys: KeyRing) -> SealedSecrets:
    store = SealedSecrets(engine, keys)
    store.put("teams/a/x", Secret(CANARY), by="ana", at=NOON)
    return store


def change(engine: Engine, path: str, version: int = 1, **values: object) -> None:
    with engine.begin() as db:
        place = (VERSIONS.c.path == path) & (VERSIONS.c.version == version)
        db.execute(update(VERSIONS).where(place).values(**values))


def row(engine: Engine, path: str, version: int = 1) -> dict[str, object]:
    with engine.connect() as db:
        place = (VERSIONS.c.path == path) & (VERSIONS.c.version == version)
        return dict(db.execute(VERSIONS.select().where(place)).mappings().one())


def test_the_table_does_not_contain_the_value(engine: Engine, sealed: SealedSecrets) -> None:
    assert sealed.read("teams/a/x").reveal() == CANARY
    assert CANARY not in str(row(engine, "teams/a/x"))


def test_equal_values_are_sealed_differently(engine: Engine, sealed: SealedSecrets) -> None:
    sealed.put("teams/a/x", Secret(CANARY), by="ana", at=NOON)

    one, two = row(engine, "teams/a/x", 1), row(engine, "teams/a/x", 2)

    assert one["nonce"] != two["nonce"]
    assert one["sealed"] != two["sealed"]


def test_a_value_moved_to_another_path_is_refused(
    engine: Engine, sealed: SealedSecrets
) -> None:
    sealed.put("teams/b/x", Secret("of b"), by="ben", at=NOON)
    theirs = row(engine, "teams/a/x")
    change(engine, "teams/b/x", nonce=theirs["nonce"], sealed=theirs["sealed"])

    with pytest.raises(SecretUnreadableError, match="teams/b/x"):
        sealed.read("teams/b/x")


def test_an_old_value_put_under_a_new_version_is_refused(
    engine: Engine, sealed: SealedSecrets
) -> None:
    sealed.put("teams/a/x", Secret("rotated"), by="ana", at=NOON)
    old = row(engine, "teams/a/x", 1)
    change(engine, "teams/a/x", 2, nonce=old["nonce"], sealed=old["sealed"])

    with pytest.raises(SecretUnreadableError):
        sealed.read("teams/a/x")


@pytest.mark.parametrize("column", ["nonce", "sealed"])
def test_every_flipped_bit_is_refused(
    engine: Engine, sealed: SealedSecrets, column: str
) -> None:
    whole = row(engine, "teams/a/x")[column]
    assert isinstance(whole, bytes)

    for position in range(len(whole)):
        flipped = bytes(b ^ (i == position) for i, b in enumerate(whole))
        change(engine, "teams/a/x", **{column: flipped})
        with pytest.raises(SecretUnreadableError):
            sealed.read("teams/a/x")


@pytest.mark.parametrize("nonce", [b"", b"short"])
def test_an_impossible_nonce_is_refused(
    engine: Engine, sealed: SealedSecrets, nonce: bytes
) -> None:
    change(engine, "teams/a/x", nonce=nonce)

    with pytest.raises(SecretUnreadableError):
        sealed.read("teams/a/x")


@pytest.mark.usefixtures("sealed")
def test_another_key_file_opens_nothing(engine: Engine, tmp_path: Path) -> None:
    other = SealedSecrets(engine, KeyRing(tmp_path / "other-keys"))

    with pytest.raises(SecretUnreadableError, match="key file"):
        other.read("teams/a/x")


@pytest.mark.usefixtures("sealed")
def test_another_key_under_the_same_id_opens_nothing(
    engine: Engine, keys: KeyRing, tmp_path: Path
) -> None:
    forged = tmp_path / "forged"
    forged.write_text(f"{keys.current()[0]} {'A' * 43}=\n")
    forged.chmod(0o600)

    with pytest.raises(SecretUnreadableError):
        SealedSecrets(engine, KeyRing(forged)).read("teams/a/x")


def test_values_of_an_older_key_stay_readable_after_a_rotation(
    sealed: SealedSecrets, keys: KeyRing
) -> None:
    keys.rotate()

    sealed.put("teams/a/y", Secret("new"), by="ana", at=NOON)

    assert sealed.read("teams/a/x") == Secret(CANARY)
    assert sealed.read("teams/a/y") == Secret("new")


def test_resealing_moves_everything_to_the_current_key(
    engine: Engine, sealed: SealedSecrets, keys: KeyRing
) -> None:
    key_id = keys.rotate()

    assert sealed.reseal() == 1
    assert sealed.reseal() == 0
    assert row(engine, "teams/a/x")["key_id"] == key_id
    assert sealed.read("teams/a/x") == Secret(CANARY)


def test_resealing_changes_nothing_when_one_value_cannot_be_opened(
    engine: Engine, sealed: SealedSecrets, keys: KeyRing
) -> None:
    sealed.put("teams/b/x", Secret("of b"), by="ben", at=NOON)
    change(engine, "teams/b/x", sealed=b"spoiled")
    before = row(engine, "teams/a/x")
    keys.rotate()

    with pytest.raises(SecretUnreadableError):
        sealed.reseal()

    assert row(engine, "teams/a/x") == before


def test_a_database_without_the_table_does_not_answer_a_ping(keys: KeyRing) -> None:
    empty = create_engine("sqlite://")

    with pytest.raises(SecretsUnavailableError):
        SealedSecrets(empty, keys).ping()

    empty.dispose()


def test_a_row_that_the_table_refuses_is_a_bug_and_not_tried_for_ever(
    sealed: SealedSecrets,
) -> None:
    nobody: str = None  # type: ignore[assignment]

    with pytest.raises(IntegrityError):
        sealed.put("teams/a/x", Secret("x"), by=nobody, at=NOON)
