"""Folders and packages on this machine."""

from pathlib import Path

import pytest

from connectory.cli.bundle import LinkInFolderError, ManifestFileMissingError, read_source
from connectory.gates import archive


def make(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def test_a_folder_is_packed_without_what_stays_at_home(tmp_path: Path) -> None:
    root = make(
        tmp_path / "c",
        *("manifest.yaml", "src/a.py", "src/.env", "src/__pycache__/a.pyc", "src/b.pyc"),
        *("tests/test_a.py", "notes.txt", ".git/config", "wheels/x.whl"),
        *("terraform/.terraform.lock.hcl", "terraform/.terraform/x"),
    )

    source = read_source(root)

    assert source.names == {
        *("manifest.yaml", "src/a.py", "wheels/x.whl", "terraform/.terraform.lock.hcl")
    }


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    first = read_source(make(tmp_path / "a", "manifest.yaml", "src/x.py"))
    second = read_source(make(tmp_path / "b", "src/x.py", "manifest.yaml"))

    assert first.package == second.package


def test_a_packed_folder_is_a_clean_archive(tmp_path: Path) -> None:
    package = tmp_path / "p.tar.gz"
    package.write_bytes(read_source(make(tmp_path / "c", "manifest.yaml", "src/x.py")).package)

    assert [m.name for m in archive.members(package)] == ["manifest.yaml", "src/x.py"]
    assert read_source(package).manifest == b"manifest.yaml"


def test_a_folder_without_code_has_no_package(tmp_path: Path) -> None:
    assert read_source(make(tmp_path, "manifest.yaml", "runbook.md")).package is None


def test_terraform_alone_is_worth_a_package(tmp_path: Path) -> None:
    assert read_source(make(tmp_path, "manifest.yaml", "terraform/main.tf")).package


def test_a_link_in_a_folder_is_refused(tmp_path: Path) -> None:
    root = make(tmp_path / "c", "manifest.yaml", "src/a.py")
    (root / "src/passwd").symlink_to("/etc/passwd")

    with pytest.raises(LinkInFolderError):
        read_source(root)


def test_a_package_without_a_manifest_is_refused(tmp_path: Path) -> None:
    package = tmp_path / "p.tgz"
    with package.open("wb") as file:
        archive.pack({"src/x.py": b""}, file)

    with pytest.raises(ManifestFileMissingError):
        read_source(package)


def test_a_manifest_alone_is_only_itself(tmp_path: Path) -> None:
    root = make(tmp_path, "m.yaml", "src/x.py")

    source = read_source(root / "m.yaml")

    assert (source.package, source.text("README.md")) == (None, None)
