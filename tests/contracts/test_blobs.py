"""What every blob store promises. A new one is added to `STORES`, nothing else."""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectory.backends.blobs import BlobCorruptError, BlobMissingError, Blobs, Stored
from connectory.backends.blobs.directory import DirectoryBlobs
from connectory.kernel.digest import digest_of

ABSENT = "sha256:" + "0" * 64
LARGE = bytes(range(256)) * 4096  # 1 MiB: several chunks in every store


@dataclass(frozen=True)
class Store:
    """How to make one store in an empty folder, and where it keeps a blob there."""

    make: Callable[[Path], Blobs]
    place: Callable[[Path, str], Path]


STORES: dict[str, Store] = {
    "directory": Store(DirectoryBlobs, lambda root, digest: root / digest[7:9] / digest[9:]),
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> Store:
    return STORES[request.param]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def blobs(store: Store, root: Path) -> Blobs:
    return store.make(root)


def read(blobs: Blobs, digest: str) -> bytes:
    with blobs.open(digest) as chunks:
        return b"".join(chunks)


@pytest.mark.parametrize("content", [b"", b"x", LARGE], ids=["empty", "one byte", "large"])
def test_a_stored_blob_reads_back_byte_for_byte(blobs: Blobs, content: bytes) -> None:
    stored = blobs.put([content])

    assert stored == Stored(digest_of(content), len(content))
    assert read(blobs, stored.digest) == content


def test_the_address_depends_on_the_content_only(blobs: Blobs) -> None:
    assert blobs.put([b"ab", b"c"]) == blobs.put(iter([b"a", b"", b"bc"]))


def test_what_is_stored_is_there_and_what_is_not_is_not(blobs: Blobs) -> None:
    stored = blobs.put([b"x"])

    assert blobs.has(stored.digest)
    assert not blobs.has(ABSENT)


def test_an_upload_that_breaks_off_leaves_nothing(blobs: Blobs, root: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield LARGE
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        blobs.put(broken())

    assert not blobs.has(digest_of(LARGE))
    assert [path for path in root.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("digest", [ABSENT, "sha256:../../etc/passwd", "", "sha1:" + "0" * 40])
def test_what_is_not_stored_is_missing(blobs: Blobs, digest: str) -> None:
    with pytest.raises(BlobMissingError), blobs.open(digest):
        pass

    assert not blobs.has(digest)


def test_a_deleted_blob_is_missing(blobs: Blobs) -> None:
    stored = blobs.put([b"x"])

    blobs.delete(stored.digest)

    with pytest.raises(BlobMissingError), blobs.open(stored.digest):
        pass


@pytest.mark.parametrize("digest", [ABSENT, "not a digest"])
def test_deleting_what_is_not_there_is_no_error(blobs: Blobs, digest: str) -> None:
    blobs.delete(digest)


@pytest.mark.parametrize("content", [b"connector", LARGE], ids=["small", "large"])
def test_a_flipped_bit_is_noticed_before_the_last_chunk(
    store: Store, blobs: Blobs, root: Path, content: bytes
) -> None:
    stored = blobs.put([content])
    other = blobs.put([b"other"])
    flip_a_bit(store.place(root, stored.digest))

    received: list[bytes] = []
    with pytest.raises(BlobCorruptError), blobs.open(stored.digest) as chunks:
        received.extend(chunks)

    assert sum(map(len, received)) < len(content)
    assert read(blobs, other.digest) == b"other"


def test_a_truncated_blob_is_noticed(store: Store, blobs: Blobs, root: Path) -> None:
    stored = blobs.put([LARGE])
    place = store.place(root, stored.digest)
    place.write_bytes(LARGE[:-1])

    with pytest.raises(BlobCorruptError):
        read(blobs, stored.digest)


def test_storing_a_blob_again_heals_it(store: Store, blobs: Blobs, root: Path) -> None:
    stored = blobs.put([b"connector"])
    flip_a_bit(store.place(root, stored.digest))

    blobs.put([b"connector"])

    assert read(blobs, stored.digest) == b"connector"


def test_threads_may_store_the_same_and_different_blobs_at_once(blobs: Blobs) -> None:
    contents = [hashlib.sha256(b"%d" % (n % 5)).digest() * 1000 for n in range(40)]

    with ThreadPoolExecutor(8) as threads:
        stored = list(threads.map(lambda content: blobs.put([content]), contents))

    assert [read(blobs, each.digest) for each in stored] == contents


def test_a_store_that_works_answers_a_ping(blobs: Blobs) -> None:
    blobs.ping()


def flip_a_bit(place: Path) -> None:
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 1
    place.write_bytes(content)
