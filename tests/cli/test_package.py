"""package: what a publish would upload, with every wheel."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from connectory.gates import archive
from connectory.scaffold.lock import pins
from connectory.scaffold.sdk import sdk_wheel

OWNER = ("--owner", "bizops@example.com")
NO_NETWORK = {
    "PIP_INDEX_URL": "http://127.0.0.1:9/",
    "PIP_RETRIES": "0",
    "PIP_CONFIG_FILE": "/dev/null",
}


@pytest.fixture
def folder(offline, tmp_path: Path) -> Path:
    offline("new", "news", *OWNER, "--into", str(tmp_path))
    return tmp_path / "news"


def members(package: Path) -> list[str]:
    return [member.name for member in archive.members(package)]


def test_a_new_connector_is_packed_without_a_network(offline, folder: Path) -> None:
    target = folder.parent / "p.tar.gz"

    done = offline("package", str(folder), "-o", str(target), "--json", **NO_NETWORK)

    assert done.code == 0, done.err
    assert done.json["files"] == members(target)
    assert f"wheels/{sdk_wheel()[0]}" in done.json["files"]
    assert not [name for name in done.json["files"] if name.startswith("tests/")]
    assert done.json["digest"] == f"sha256:{hashlib.sha256(target.read_bytes()).hexdigest()}"
    assert offline("vet", str(target)).code == 0


def test_the_sdk_is_added_where_the_folder_has_neither_lock_nor_wheel(
    offline, folder: Path
) -> None:
    first, second = folder.parent / "1.tar.gz", folder.parent / "2.tar.gz"
    offline("package", str(folder), "-o", str(first))
    for path in (folder / "requirements.lock", *(folder / "wheels").iterdir()):
        path.unlink()

    done = offline("package", str(folder), "-o", str(second), **NO_NETWORK)

    assert done.code == 0, done.err
    assert first.read_bytes() == second.read_bytes()


def test_a_library_that_is_not_locked_is_named(offline, folder: Path) -> None:
    with (folder / "requirements.in").open("a") as file:
        file.write("slack-sdk>=3\n")

    done = offline("package", str(folder), "-o", str(folder.parent / "p.tar.gz"))

    assert done.code == 2
    assert "names slack-sdk, and requirements.lock pins no version" in done.err
    assert "uv pip compile --generate-hashes" in done.err


def test_a_wheel_that_cannot_be_fetched_is_named(offline, folder: Path) -> None:
    with (folder / "requirements.lock").open("a") as file:
        file.write(f"no-such-thing==1.0 --hash=sha256:{'0' * 64}\n")

    done = offline("package", str(folder), "-o", str(folder.parent / "p.tar.gz"), **NO_NETWORK)

    assert done.code == 7
    assert "wheels of no-such-thing are not there and could not be fetched" in done.err
    assert not (folder.parent / "p.tar.gz").exists()


def test_a_wheel_that_the_lock_names_is_fetched_by_its_hash(
    offline, folder: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    wheel = made_wheel(index)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    with (folder / "requirements.lock").open("a") as file:
        file.write(f"tiny-thing==1.0 \\\n    --hash=sha256:{digest}\n    # via news\n")
    target = tmp_path / "p.tar.gz"

    links = {"PIP_FIND_LINKS": str(index), **NO_NETWORK}
    done = offline("package", str(folder), "-o", str(target), **links)

    assert done.code == 0, done.err
    assert archive.read(target, f"wheels/{wheel.name}") == wheel.read_bytes()


def test_a_wheel_with_another_hash_is_not_taken(offline, folder: Path, tmp_path: Path) -> None:
    made_wheel(tmp_path / "index")
    with (folder / "requirements.lock").open("a") as file:
        file.write(f"tiny-thing==1.0 --hash=sha256:{'0' * 64}\n")

    links = {"PIP_FIND_LINKS": str(tmp_path / "index"), **NO_NETWORK}
    done = offline("package", str(folder), "-o", str(tmp_path / "p.tar.gz"), **links)

    assert done.code == 7


def test_a_manifest_alone_cannot_be_packed(offline, folder: Path) -> None:
    done = offline("package", str(folder / "manifest.yaml"))

    assert done.code == 2
    assert "is not a folder with src/" in done.err


def test_a_dry_run_writes_nothing(offline, folder: Path) -> None:
    target = folder.parent / "p.tar.gz"

    assert "Would write" in offline("package", str(folder), "-o", str(target), "--dry-run").out
    assert not target.exists()


def test_pins_are_read_with_their_hashes() -> None:
    lock = b"# by uv\nA_b.c[x]==1.0 ; python_version > '3' \\\n    --hash=sha256:%b\n" % (
        b"a" * 64
    )

    (pin,) = pins(lock)

    assert (pin.name, pin.hashes) == ("a-b-c", {f"sha256:{'a' * 64}"})


def made_wheel(folder: Path) -> Path:
    folder.mkdir()
    wheel = folder / "tiny_thing-1.0-py3-none-any.whl"
    about = "tiny_thing-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as zipped:
        zipped.writestr("tiny_thing.py", "")
        zipped.writestr(
            f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny-thing\nVersion: 1.0\n"
        )
        zipped.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        zipped.writestr(f"{about}/RECORD", "")
    return wheel
