"""What is asked each second is read once for each file."""

import os
from pathlib import Path

import pytest

from connectory.advisories.watch import MirrorWatch
from osv import advisory, mirror


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return mirror(tmp_path / "data", advisory())


def test_a_file_is_read_once(file: Path) -> None:
    watch = MirrorWatch(file)
    before, kept = watch.imported(), file.stat()
    file.write_bytes(bytes(kept.st_size))
    os.utime(file, ns=(kept.st_atime_ns, kept.st_mtime_ns))

    assert before is not None
    assert watch.imported() == before
    assert MirrorWatch(file).imported() is None


def test_another_file_in_its_place_is_read(file: Path) -> None:
    watch = MirrorWatch(file)
    before = watch.imported()
    mirror(file.parent, advisory("GHSA-new"))
    after = watch.imported()

    assert before is not None
    assert after is not None
    assert after > before


def test_a_mirror_that_goes_and_comes_is_noticed(file: Path) -> None:
    away = file.with_suffix(".away")
    file.rename(away)
    watch = MirrorWatch(file)
    without = watch.imported()
    away.rename(file)

    assert without is None
    assert watch.imported() is not None


def test_a_damaged_mirror_counts_as_none_until_it_is_replaced(file: Path) -> None:
    file.write_bytes(b"no database")
    watch = MirrorWatch(file)
    damaged = watch.imported()
    mirror(file.parent, advisory())

    assert damaged is None
    assert watch.imported() is not None
