"""Archives of files that are too large to hold."""

import tarfile
from pathlib import Path

import pytest

from connectory.gates.archive import Source, contents, packed
from connectory.gates.gunzip import ArchiveDamagedError


def test_files_packed_piece_by_piece_read_back(tmp_path: Path) -> None:
    bundle = tmp_path / "large.tar.gz"
    sources = [Source("b.bin", 70_000, [b"x" * 60_000, b"y" * 10_000]), Source("a", 0, [])]

    bundle.write_bytes(b"".join(packed(sources)))

    found = {member.name: b"".join(content) for member, content in contents(bundle)}
    assert found == {"b.bin": b"x" * 60_000 + b"y" * 10_000, "a": b""}
    with tarfile.open(bundle) as tar:
        assert tar.getnames() == ["b.bin", "a"]


def test_a_file_of_another_size_than_announced_is_not_packed() -> None:
    with pytest.raises(ArchiveDamagedError):
        list(packed([Source("a", 5, [b"1234"])]))
