"""scan: keeping the advisories that dependencies are checked with."""

from pathlib import Path

from osv import advisory, archive


def test_an_import_is_told_by_status_and_used_by_vet(offline, tmp_path: Path) -> None:
    file = archive(tmp_path / "all.zip", advisory())
    data = {"CONNECTORY_DATA": str(tmp_path / "data")}

    before = offline("scan", "status", **data)
    done = offline("scan", "import", str(file), closed=True, **data)
    after = offline("scan", "status", "--json", **data)

    assert (before.code, done.code, after.code) == (1, 0, 0)
    assert "connectory scan import" in before.err
    assert "1 advisories" in done.out
    assert after.json["ecosystems"] == {"PyPI": 1}
    assert after.json["stale"] is False


def test_stale_advisories_exit_1(offline, tmp_path: Path) -> None:
    file = archive(tmp_path / "all.zip", advisory(modified="2026-01-01T00:00:00Z"))

    done = offline("scan", "import", str(file), "--data", str(tmp_path / "data"))
    asked = offline("scan", "status", "--data", str(tmp_path / "data"))

    assert (done.code, asked.code) == (0, 1)
    assert "stale" in asked.out


def test_a_file_that_is_no_archive_is_refused(offline, tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_text("hello")

    done = offline("scan", "import", str(tmp_path / "all.zip"), "--data", str(tmp_path / "d"))

    assert done.code != 0
    assert "no zip archive" in done.err
