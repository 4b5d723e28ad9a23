"""Attacks on packages that are stored: deleted under a running instance, changed on disk."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from connectory.backends.blobs.directory import DirectoryBlobs
from connectory.gates.archive import pack
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.packages.collect import remove
from connectory.packages.pins import pin
from connectory.packages.put import put
from connectory.packages.read import bundle_path
from connectory.packages.rules import Package, Pin
from connectory.work import Works

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def works(engine: Engine) -> Works:
    return Works(engine, lambda: NOON, lambda: None)


@pytest.fixture
def blobs(tmp_path: Path) -> DirectoryBlobs:
    return DirectoryBlobs(tmp_path / "blobs")


@pytest.fixture
def package(works: Works, blobs: DirectoryBlobs, tmp_path: Path) -> Package:
    content = io.BytesIO()
    pack({"manifest.yaml": b"id: crm-to-slack-v1\n"}, content)
    return put(
        works.write, blobs, [content.getvalue()], scratch=tmp_path / "scratch", max_size=10_000
    )


@pytest.mark.parametrize("holder", [pytest.param("inst_4KD2", id="B37")])
def test_a_package_that_an_instance_uses_cannot_be_deleted(
    works: Works, blobs: DirectoryBlobs, package: Package, holder: str
) -> None:
    with works.write() as work:
        pin(work, package.digest, Pin("instance", holder, "running"))

    with works.write() as work, pytest.raises(ConnectoryError) as refused:
        remove(work, blobs, package.digest)

    assert (refused.value.kind, refused.value.code) == (Kind.CONFLICT, "package-in-use")
    assert holder in refused.value.message
    assert blobs.has(package.digest)


@pytest.mark.parametrize("mask", [pytest.param(1, id="T-4")])
def test_no_flipped_bit_of_a_package_on_disk_goes_unnoticed(
    blobs: DirectoryBlobs, package: Package, tmp_path: Path, mask: int
) -> None:
    place = tmp_path / "blobs" / package.digest[7:9] / package.digest[9:]
    whole = place.read_bytes()

    for position in range(len(whole)):
        place.write_bytes(bytes(b ^ mask * (i == position) for i, b in enumerate(whole)))
        with (
            pytest.raises(ConnectoryError, match="changed on disk"),
            bundle_path(blobs, package.digest, tmp_path / "scratch"),
        ):
            pytest.fail("changed bytes were given out")
