"""bump: the next version, and nothing else."""

from pathlib import Path

import pytest

from connectory.manifest.versions import raised

MANIFEST = b"""\
# version: 1.2.3 is not this one
id: lead-alerts
name: Lead alerts
description: "the version: 1.2.3"
version:   '1.2.3'   # keep me
owner: bizops@example.com
runtime: {type: serverless}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "manifest.yaml").write_bytes(MANIFEST)
    return tmp_path


def test_only_the_version_changes(offline, folder: Path) -> None:
    file = folder / "manifest.yaml"
    file.chmod(0o640)

    done = offline("bump", "minor", str(folder))

    assert done.code == 0, done.err
    assert file.read_bytes() == MANIFEST.replace(b"'1.2.3'", b"'1.3.0'")
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in folder.iterdir()] == ["manifest.yaml"]


def test_line_ends_stay_as_they_are(offline, folder: Path) -> None:
    file = folder / "manifest.yaml"
    before = MANIFEST.replace(b"\n", b"\r\n")
    file.write_bytes(before)

    assert offline("bump", "patch", str(file)).code == 0
    assert file.read_bytes() == before.replace(b"'1.2.3'", b"'1.2.4'")


def test_a_dry_run_changes_nothing(offline, folder: Path) -> None:
    done = offline("bump", "major", str(folder), "--dry-run", "--json")

    assert (done.json["before"], done.json["after"]) == ("1.2.3", "2.0.0")
    assert (folder / "manifest.yaml").read_bytes() == MANIFEST


def test_a_version_that_has_no_line_of_its_own_is_left_alone(offline, folder: Path) -> None:
    file = folder / "manifest.yaml"
    runtime = b"runtime: {type: local}"
    flow = b"{id: ab, name: Ab, version: 1.0.0, description: x, owner: us, " + runtime + b"}\n"
    file.write_bytes(flow)

    done = offline("bump", "patch", str(folder))

    assert done.code == 2
    assert "has no line of the form `version: 1.0.0`" in done.err
    assert file.read_bytes() == flow


def test_a_refused_manifest_is_left_alone(offline, folder: Path) -> None:
    (folder / "manifest.yaml").write_text("version: 1.0.0\n")

    assert offline("bump", "patch", str(folder)).code == 2


def test_a_folder_without_a_manifest_is_a_usage_failure(offline, tmp_path: Path) -> None:
    assert offline("bump", "patch", str(tmp_path)).code == 2


@pytest.mark.parametrize(
    ("version", "part", "after"),
    [
        ("1.2.3", "patch", "1.2.4"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "major", "2.0.0"),
        ("1.2.3+build.7", "patch", "1.2.4"),
        ("2.0.0-rc.1", "major", "2.0.0"),
        ("2.1.0-rc.1", "minor", "2.1.0"),
        ("2.1.0-rc-1", "major", "3.0.0"),
        ("2.1.3-rc.1", "patch", "2.1.3"),
        ("2.1.3-rc.1", "minor", "2.2.0"),
    ],
)
def test_the_next_version(version: str, part: str, after: str) -> None:
    assert raised(version, part) == after
