"""Images are written as OCI says: each blob under its digest, layers as they are."""

import hashlib
import json
import tarfile
from pathlib import Path, PurePosixPath

import pytest

from connectory.gates.images import Made, Piece, write_image, write_layer


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    (tmp_path / "program").write_text("run")
    (tmp_path / "program").chmod(0o755)
    (tmp_path / "link").symlink_to("program")
    parts = [
        Made(PurePosixPath("/lib"), "usr/lib"),
        Piece(tmp_path / "program", PurePosixPath("/opt/a/program")),
        Piece(tmp_path / "link", PurePosixPath("/opt/a/link")),
        Piece(tmp_path / "link", PurePosixPath("/opt/a/file"), is_followed=True),
        Made(PurePosixPath("/opt/a/program"), "elsewhere"),
    ]
    write_layer(tmp_path / "layer.tar", parts)
    return tmp_path / "layer.tar"


def test_a_layer_has_links_files_and_the_folders_above_once_each(layer: Path) -> None:
    with tarfile.open(layer) as archive:
        found = {one.name: one for one in archive}
        names = archive.getnames()

    assert names == ["lib", "opt", "opt/a", "opt/a/program", "opt/a/link", "opt/a/file"]
    assert (found["lib"].linkname, found["opt/a/link"].linkname) == ("usr/lib", "program")
    assert found["opt/a/file"].isfile()
    assert (found["opt/a/program"].mode, found["opt/a"].mode) == (0o755, 0o755)
    assert {(one.uid, one.gid, one.uname) for one in found.values()} == {(0, 0, "")}


def test_each_blob_of_an_image_has_the_name_of_its_digest(layer: Path, tmp_path: Path) -> None:
    write_image(tmp_path / "image", [layer], {"connectory.package": "sha256:1"})

    blobs = tmp_path / "image/blobs/sha256"
    for blob in blobs.iterdir():
        assert hashlib.sha256(blob.read_bytes()).hexdigest() == blob.name
    index = json.loads((tmp_path / "image/index.json").read_text())
    manifest = json.loads((blobs / index["manifests"][0]["digest"][7:]).read_text())
    config = json.loads((blobs / manifest["config"]["digest"][7:]).read_text())
    (described,) = manifest["layers"]
    assert config["rootfs"]["diff_ids"] == [described["digest"]]
    assert config["config"]["Labels"] == {"connectory.package": "sha256:1"}
    assert (blobs / described["digest"][7:]).samefile(layer)
