"""Comparing the files of two packages."""

import io
from collections.abc import Mapping
from pathlib import Path

import pytest

from connectory.backends.blobs.directory import DirectoryBlobs
from connectory.gates.archive import pack
from connectory.packages.compare import MOST_BYTES, Comparisons, FileChange


@pytest.fixture
def comparisons(tmp_path: Path) -> Comparisons:
    return Comparisons(DirectoryBlobs(tmp_path / "blobs"), tmp_path / "scratch")


def stored(comparisons: Comparisons, files: Mapping[str, bytes]) -> str:
    content = io.BytesIO()
    pack(files, content)
    return comparisons.blobs.put([content.getvalue()]).digest


def test_files_are_added_removed_and_changed(comparisons: Comparisons) -> None:
    old = stored(comparisons, {"same": b"1", "gone": b"22", "src/a.py": b"x = 1\ny = 2\n"})
    new = stored(comparisons, {"same": b"1", "come": b"333", "src/a.py": b"x = 1\ny = 3\n"})

    come, gone, changed = comparisons.of(old, new)

    assert (come.path, come.kind, come.old_size, come.new_size) == ("come", "added", None, 3)
    assert (gone.path, gone.kind, gone.old_size, gone.new_size) == ("gone", "removed", 2, None)
    assert changed == FileChange(
        "src/a.py",
        "changed",
        12,
        12,
        "--- a/src/a.py\n+++ b/src/a.py\n@@ -1,2 +1,2 @@\n x = 1\n-y = 2\n+y = 3",
    )


@pytest.mark.parametrize("content", [b"\0bin", b"\xff\xfe", b"x" * (MOST_BYTES + 1)])
def test_what_is_no_small_text_has_no_lines(comparisons: Comparisons, content: bytes) -> None:
    old = stored(comparisons, {"f": content})
    new = stored(comparisons, {"f": content + b"more"})

    (change,) = comparisons.of(old, new)

    assert (change.kind, change.new_size, change.lines) == ("changed", len(content) + 4, "")


def test_no_package_has_no_files(comparisons: Comparisons) -> None:
    package = stored(comparisons, {"f": b"text\n"})

    assert [one.kind for one in comparisons.of(None, package)] == ["added"]
    assert [one.kind for one in comparisons.of(package, None)] == ["removed"]
    assert comparisons.of(package, package) == comparisons.of(None, None) == ()
