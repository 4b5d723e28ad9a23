"""Taking packages in and giving them out again."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from connectory.backends.blobs import BlobCorruptError, BlobMissingError, Stored
from connectory.backends.blobs.directory import DirectoryBlobs
from connectory.gates.archive import pack
from connectory.gates.gunzip import ArchiveTypeError
from connectory.kernel.digest import digest_of
from connectory.packages.put import put
from connectory.packages.read import bundle_path, packages_of
from connectory.packages.rules import (
    PackageManifestError,
    PackageTooLargeError,
)
from connectory.work import Works
from connectory.work.log import EVENTS

MANIFEST = b"id: crm-to-slack-v1\nversion: 1.2.0\n"


def events(works: Works) -> list[str]:
    with works.read() as work:
        return list(work.db.execute(select(EVENTS.c.kind).order_by(EVENTS.c.seq)).scalars())


def test_a_stored_package_is_known_by_its_digest_and_reads_back(
    works: Works, blobs: DirectoryBlobs, scratch: Path, bundle: bytes
) -> None:
    package = put(
        works.write, blobs, [bundle], scratch=scratch, max_size=10_000, manifest=MANIFEST
    )

    assert package.digest == digest_of(bundle)
    assert package.size == len(bundle)
    with works.read() as work:
        assert packages_of(work, [package.digest]) == {package.digest: package}
    with bundle_path(blobs, package.digest, scratch) as path:
        assert path.read_bytes() == bundle


def test_storing_the_same_bytes_again_is_one_package_and_one_event(
    works: Works, blobs: DirectoryBlobs, scratch: Path, bundle: bytes
) -> None:
    first = put(works.write, blobs, [bundle], scratch=scratch, max_size=10_000)
    again = put(works.write, blobs, [bundle], scratch=scratch, max_size=10_000)

    assert first == again
    assert events(works) == ["PackageStored"]


def test_storing_again_heals_a_package_that_went_bad_on_disk(
    works: Works, blobs: DirectoryBlobs, scratch: Path, bundle: bytes
) -> None:
    package = put(works.write, blobs, [bundle], scratch=scratch, max_size=10_000)
    blobs.delete(package.digest)

    put(works.write, blobs, [bundle], scratch=scratch, max_size=10_000)

    with bundle_path(blobs, package.digest, scratch) as path:
        assert path.read_bytes() == bundle


def test_a_package_with_another_manifest_is_refused_and_not_stored(
    works: Works, blobs: DirectoryBlobs, scratch: Path, bundle: bytes
) -> None:
    with pytest.raises(PackageManifestError, match=digest_of(MANIFEST)) as refused:
        put(works.write, blobs, [bundle], scratch=scratch, max_size=10_000, manifest=b"id: x\n")

    assert digest_of(b"id: x\n") in refused.value.message
    assert not blobs.has(digest_of(bundle))
    assert events(works) == []


def test_a_package_without_a_manifest_is_refused(
    works: Works, blobs: DirectoryBlobs, scratch: Path
) -> None:
    content = io.BytesIO()
    pack({"README.md": b""}, content)

    with pytest.raises(PackageManifestError, match="missing"):
        put(works.write, blobs, [content.getvalue()], scratch=scratch, max_size=10_000)


def test_what_is_no_archive_is_refused_and_not_stored(
    works: Works, blobs: DirectoryBlobs, scratch: Path
) -> None:
    with pytest.raises(ArchiveTypeError):
        put(works.write, blobs, [b"PK\x03\x04"], scratch=scratch, max_size=10_000)

    assert not blobs.has(digest_of(b"PK\x03\x04"))


def test_an_upload_is_read_only_up_to_the_limit(
    works: Works, blobs: DirectoryBlobs, scratch: Path
) -> None:
    read: list[int] = []

    def endless() -> Iterator[bytes]:
        while True:
            read.append(1000)
            yield bytes(1000)

    with pytest.raises(PackageTooLargeError, match="10000"):
        put(works.write, blobs, endless(), scratch=scratch, max_size=10_000)

    assert sum(read) == 11_000


def test_an_unknown_package_has_no_file(blobs: DirectoryBlobs, scratch: Path) -> None:
    with pytest.raises(BlobMissingError), bundle_path(blobs, digest_of(b"x"), scratch):
        pass


def test_a_package_that_changed_on_disk_is_never_handed_out(
    works: Works, blobs: DirectoryBlobs, scratch: Path, bundle: bytes, tmp_path: Path
) -> None:
    digest = put(works.write, blobs, [bundle], scratch=scratch, max_size=10_000).digest
    (tmp_path / "blobs" / digest[7:9] / digest[9:]).write_bytes(bundle[:-1] + b"\xff")

    with pytest.raises(BlobCorruptError), bundle_path(blobs, digest, scratch):
        pytest.fail("a changed package was given out")


def test_a_store_that_kept_other_bytes_than_it_was_given_is_noticed(
    works: Works, tmp_path: Path, scratch: Path, bundle: bytes
) -> None:
    class Forgetful(DirectoryBlobs):
        def put(self, chunks: Iterable[bytes]) -> Stored:
            return super().put([b"".join(chunks)[:-1]])

    with pytest.raises(BlobCorruptError):
        put(works.write, Forgetful(tmp_path), [bundle], scratch=scratch, max_size=10_000)
