"""Importing advisories: whole or not at all, whatever the file is."""

import io
import struct
import zipfile
from pathlib import Path

import pytest

from connectory.advisories import load as loading
from connectory.advisories.load import AdvisoriesRefusedError, load
from connectory.advisories.mirror import Mirror, MirrorUnusableError
from connectory.advisories.rules import Package
from connectory.gates import zipped
from connectory.gates.zipped import ZipRefusedError
from connectory.kernel import clock
from osv import advisory, archive, mirror


def imported(data: Path, file: Path) -> object:
    return load([file], data, lambda _: None)


def test_an_import_tells_what_there_is(tmp_path: Path) -> None:
    python = archive(tmp_path / "a.zip", advisory())
    node = archive(tmp_path / "b.zip", advisory("GHSA-2", "left-pad", ecosystem="npm"))

    about = load([python, node], tmp_path / "data", lambda _: None)

    assert about.ecosystems == {"PyPI": 1, "npm": 1}
    assert about.advisories == 2
    assert not about.is_stale(clock.now())


def test_names_are_found_as_their_ecosystem_writes_them(tmp_path: Path) -> None:
    file = mirror(tmp_path, advisory(name="Flask_CORS", events=[{"introduced": "0"}]))
    with Mirror.open(file) as opened:
        found = [opened.matches(Package("PyPI", name, "1")) for name in ("flask.cors", "flask")]

    assert [len(each) for each in found] == [1, 0]
    assert found[0][0].severity == "medium"
    assert found[0][0].aliases == ("CVE-2025-27516",)


def test_withdrawn_advisories_are_left_out(tmp_path: Path) -> None:
    withdrawn = advisory("GHSA-3", withdrawn="2026-01-01T00:00:00Z")
    file = mirror(tmp_path, advisory(), withdrawn)
    with Mirror.open(file) as opened:
        assert opened.about().advisories == 1
        assert opened.advisory("GHSA-3") is None


def test_a_date_far_ahead_makes_no_advisories_fresh(tmp_path: Path) -> None:
    ahead = advisory("GHSA-4", modified="2099-01-01T00:00:00Z")
    old = advisory(modified="2026-01-01T00:00:00Z")

    file = mirror(tmp_path, ahead, old)

    with Mirror.open(file) as opened:
        assert opened.about().is_stale(clock.now())


def test_what_is_no_advisory_is_counted_and_left_out(tmp_path: Path) -> None:
    many = [advisory(f"GHSA-{n}") for n in range(60)]
    broken = {
        "../up.json": b"{}",
        "note.txt": b"",
        "a.json": b"{",
        "b.json": b'{"id": "../x", "modified": "2026-01-01T00:00:00Z"}',
        "c.json": b'{"id": "C-1", "modified": "2026-01-01T00:00:00Z", "affected": [3]}',
        "d.json": b'{"id": "D-1", "id": "D-2"}',
    }
    file = archive(tmp_path / "all.zip", *many, **broken)

    about = imported(tmp_path / "data", file)

    assert (about.advisories, about.skipped) == (60, 6)


def lying_directory() -> bytes:
    """An archive whose list of entries claims to be longer than memory."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as made:
        made.writestr("a.json", "{}")
    whole = bytearray(raw.getvalue())
    struct.pack_into("<I", whole, len(whole) - 10, 2_000_000_000)
    return bytes(whole)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x05\x06", b"not a zip" * 9, lying_directory()],
    ids=["empty", "cut", "text", "lie"],
)
def test_what_is_no_zip_is_refused_and_the_mirror_stays(tmp_path: Path, content: bytes) -> None:
    kept = mirror(tmp_path / "data", advisory()).read_bytes()
    file = tmp_path / "bad.zip"
    file.write_bytes(content)

    with pytest.raises(ZipRefusedError):
        imported(tmp_path / "data", file)

    assert (tmp_path / "data/advisories.db").read_bytes() == kept
    assert [one.name for one in (tmp_path / "data").iterdir()] == ["advisories.db"]


def test_a_zip_of_other_things_is_refused(tmp_path: Path) -> None:
    file = archive(tmp_path / "all.zip", **{"package.json": b'{"name": "x"}'})

    with pytest.raises(AdvisoriesRefusedError, match="no advisory"):
        imported(tmp_path / "data", file)


def test_a_file_of_which_much_is_unreadable_is_refused(tmp_path: Path) -> None:
    file = archive(tmp_path / "all.zip", advisory(), **{"a.json": b"{"})

    with pytest.raises(AdvisoriesRefusedError, match="1 entries"):
        imported(tmp_path / "data", file)


def test_too_many_entries_are_refused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(zipped, "MOST_ENTRIES", 2)
    file = archive(tmp_path / "all.zip", *[advisory(f"GHSA-{n}") for n in range(3)])

    with pytest.raises(ZipRefusedError, match="more than 2 entries"):
        imported(tmp_path / "data", file)


def test_an_entry_that_inflates_without_end_is_left_out(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(loading, "MOST_SKIPPED", 1.0)
    bomb = b'{"id": "B-1", "details": "' + b"a" * zipped.MOST_BYTES + b'"}'
    file = archive(tmp_path / "all.zip", advisory(), **{"bomb.json": bomb})

    assert imported(tmp_path / "data", file).skipped == 1


def test_a_file_of_another_format_is_no_mirror(tmp_path: Path) -> None:
    (tmp_path / "advisories.db").write_bytes(b"nonsense" * 999)

    with (
        pytest.raises(MirrorUnusableError, match="cannot be read"),
        Mirror.open(tmp_path / "advisories.db") as opened,
    ):
        opened.about()
