"""Who needs a package, and what may be deleted."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectory.backends.blobs.directory import DirectoryBlobs
from connectory.kernel.digest import digest_of
from connectory.packages.collect import collect, remove
from connectory.packages.pins import pin, pins_of, unpin
from connectory.packages.put import put
from connectory.packages.read import packages_of
from connectory.packages.rules import PackageInUseError, PackageMissingError, Pin
from connectory.work import Works

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
BY_VERSION = Pin("version", "bizops/crm-to-slack-v1@1.2.0", "published")
BY_INSTANCE = Pin("instance", "inst_4KD2", "running")
ABSENT = digest_of(b"absent")


@pytest.fixture
def digest(works: Works, blobs: DirectoryBlobs, scratch: Path, bundle: bytes) -> str:
    return put(works.write, blobs, [bundle], scratch=scratch, max_size=10_000).digest


@pytest.fixture
def later(works: Works) -> Works:
    """Two days on."""
    return Works(works.engine, lambda: NOON + timedelta(days=2), lambda: None)


def test_pins_are_listed_for_many_packages_at_once(works: Works, digest: str) -> None:
    with works.write() as work:
        pin(work, digest, BY_VERSION)
        pin(work, digest, BY_INSTANCE)

    with works.read() as work:
        assert pins_of(work, [digest, ABSENT]) == {
            digest: (BY_INSTANCE, BY_VERSION),
            ABSENT: (),
        }


def test_pinning_again_changes_the_reason_only(works: Works, digest: str) -> None:
    with works.write() as work:
        pin(work, digest, BY_INSTANCE)
        pin(work, digest, Pin("instance", "inst_4KD2", "installing"))

        assert [each.reason for each in pins_of(work, [digest])[digest]] == ["installing"]


def test_what_is_not_stored_cannot_be_pinned(works: Works) -> None:
    with works.write() as work, pytest.raises(PackageMissingError):
        pin(work, ABSENT, BY_VERSION)


def test_unpinning_is_by_holder_and_may_be_repeated(works: Works, digest: str) -> None:
    with works.write() as work:
        pin(work, digest, BY_VERSION)
        pin(work, digest, BY_INSTANCE)

        for _ in range(2):
            unpin(work, digest, holder_kind="instance", holder="inst_4KD2")

        assert pins_of(work, [digest])[digest] == (BY_VERSION,)


def test_a_package_in_use_names_its_holders_and_stays(
    works: Works, blobs: DirectoryBlobs, digest: str
) -> None:
    with works.write() as work:
        pin(work, digest, BY_VERSION)
        pin(work, digest, BY_INSTANCE)

    with works.write() as work, pytest.raises(PackageInUseError) as refused:
        remove(work, blobs, digest)

    assert refused.value.facts["holders"] == [
        "instance inst_4KD2",
        "version bizops/crm-to-slack-v1@1.2.0",
    ]
    assert blobs.has(digest)


def test_a_message_about_many_holders_stays_short() -> None:
    pins = tuple(Pin("instance", f"inst_{n}", "running") for n in range(300))

    assert "and 290 more" in PackageInUseError(ABSENT, pins).message


def test_a_package_that_nobody_needs_can_be_removed(
    works: Works, blobs: DirectoryBlobs, digest: str
) -> None:
    with works.write() as work:
        remove(work, blobs, digest)

    with works.read() as work:
        assert packages_of(work, [digest]) == {}
    assert not blobs.has(digest)


def test_removing_what_is_not_there_is_an_answer(works: Works, blobs: DirectoryBlobs) -> None:
    with works.write() as work, pytest.raises(PackageMissingError):
        remove(work, blobs, ABSENT)


def test_collection_takes_what_is_unpinned_and_old(
    later: Works, blobs: DirectoryBlobs, digest: str
) -> None:
    with later.write() as work:
        assert collect(work, blobs) == (digest,)

    assert not blobs.has(digest)


def test_collection_leaves_what_was_just_uploaded(
    works: Works, blobs: DirectoryBlobs, digest: str
) -> None:
    with works.write() as work:
        assert collect(work, blobs) == ()

    assert blobs.has(digest)


def test_collection_leaves_what_is_pinned(
    works: Works, later: Works, blobs: DirectoryBlobs, digest: str
) -> None:
    with works.write() as work:
        pin(work, digest, BY_VERSION)

    with later.write() as work:
        assert collect(work, blobs) == ()


def test_an_upload_renews_the_grace(
    later: Works, blobs: DirectoryBlobs, digest: str, bundle: bytes, scratch: Path
) -> None:
    put(later.write, blobs, [bundle], scratch=scratch, max_size=10_000)

    with later.write() as work:
        assert collect(work, blobs) == ()
    assert blobs.has(digest)


def test_collection_is_done_in_batches(
    later: Works, blobs: DirectoryBlobs, digest: str
) -> None:
    with later.write() as work:
        assert collect(work, blobs, limit=0) == ()
    assert blobs.has(digest)


def test_a_pin_that_is_not_yet_committed_holds_off_the_collection(
    works: Works, later: Works, blobs: DirectoryBlobs, digest: str
) -> None:
    collecting = threading.Event()

    def collect_now() -> tuple[str, ...]:
        collecting.set()
        with later.write() as work:
            return collect(work, blobs)

    with ThreadPoolExecutor(1) as threads:
        with works.write() as work:
            pin(work, digest, BY_VERSION)
            collected = threads.submit(collect_now)
            collecting.wait()
            assert not collected.done()

        assert collected.result() == ()
    assert blobs.has(digest)
