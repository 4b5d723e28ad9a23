"""The key file: made once, for its owner only, never half written."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from connectory.backends.secrets.keyring import (
    KeyFileDamagedError,
    KeyFileOpenError,
    KeyRing,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "private" / "keys"


def test_the_first_use_makes_a_file_for_its_owner_only(path: Path) -> None:
    key_id, key = KeyRing(path).current()

    assert key_id.startswith("key_")
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_the_key_is_the_same_at_the_next_start(path: Path) -> None:
    assert KeyRing(path).current() == KeyRing(path).current()


def test_many_first_uses_at_once_agree_on_one_key(path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: KeyRing(path).current(), range(32)))

    assert len(set(found)) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o610])
def test_a_file_that_others_can_use_is_refused(path: Path, mode: int) -> None:
    KeyRing(path).current()
    path.chmod(mode)

    with pytest.raises(KeyFileOpenError) as refused:
        KeyRing(path).current()

    assert f"chmod 600 {path}" in refused.value.hint
    assert f"{mode:04o}" in refused.value.message


def test_a_rotation_adds_a_key_and_keeps_the_old_one(path: Path) -> None:
    keys = KeyRing(path)
    old_id, old = keys.current()

    new_id = keys.rotate()

    assert keys.current()[0] == new_id != old_id
    assert keys.find(old_id) == old
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_rotation_by_another_process_is_seen(path: Path) -> None:
    keys = KeyRing(path)
    keys.current()

    new_id = KeyRing(path).rotate()

    assert keys.current()[0] == new_id


def test_rotations_at_once_lose_no_key(path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda _: KeyRing(path).rotate(), range(16)))

    assert all(KeyRing(path).find(key_id) for key_id in ids)


def test_an_unknown_key_is_not_found(path: Path) -> None:
    assert KeyRing(path).find("key_UNKNOWN") is None


@pytest.mark.parametrize(
    "content", [b"", b"key_1\n", b"key_1 !!!\n", b"key_1 c2hvcnQ=\n", b"\xff \xff\n"]
)
def test_a_damaged_file_is_refused_and_not_replaced(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(KeyFileDamagedError, match="line 1"):
        KeyRing(path).current()

    assert path.read_bytes() == content
