"""What is particular to blobs in a directory: the disk and what a crash leaves behind."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectory.backends.blobs.directory import BlobsUnavailableError, DirectoryBlobs
from connectory.gates.disk import StorageFullError, writing


def test_a_full_disk_is_an_answer_and_leaves_no_file(tmp_path: Path) -> None:
    def until_full() -> Iterator[bytes]:
        yield b"half"
        raise OSError(errno.ENOSPC, "no space left on device")

    blobs = DirectoryBlobs(tmp_path)

    with pytest.raises(StorageFullError):
        blobs.put(until_full())

    assert list((tmp_path / "incoming").iterdir()) == []


def test_the_word_of_the_operating_system_for_a_full_disk_is_understood(tmp_path: Path) -> None:
    with pytest.raises(StorageFullError), writing(tmp_path):
        Path("/dev/full").write_bytes(b"x")


def test_other_trouble_of_the_disk_is_not_called_full(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), writing(tmp_path):
        (tmp_path / "absent").read_bytes()


def test_what_a_crash_left_a_day_ago_is_swept_at_the_next_start(tmp_path: Path) -> None:
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    for name, age_s in (("old", 2 * 86400), ("new", 60)):
        (incoming / name).write_bytes(b"half")
        os.utime(incoming / name, (incoming.stat().st_mtime - age_s,) * 2)

    DirectoryBlobs(tmp_path)

    assert [path.name for path in incoming.iterdir()] == ["new"]


def test_a_directory_that_is_a_file_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_bytes(b"")

    with pytest.raises(BlobsUnavailableError, match="cannot be used"):
        DirectoryBlobs(tmp_path / "blobs").ping()
