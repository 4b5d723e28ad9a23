from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from connectory.backends.search import Query
from connectory.backends.search.tantivy import TantivySearch
from connectory.catalog.decide import VersionStatusChanged
from connectory.catalog.read import listings
from connectory.catalog.rules import Name, Status
from connectory.listing import index
from connectory.work import Event, Origin, Works

Publish = Callable[..., Name]
Follow = Callable[[], int]


def keys(search: TantivySearch) -> set[str]:
    return {hit.key for hit in search.find(Query()).hits}


def test_what_was_published_is_indexed_once_it_is_sealed(
    works: Works, search: TantivySearch, publish: Publish, follow: Follow
) -> None:
    publish("crm-to-slack-v1")
    with works.read() as work:
        assert index.catch_up(work, search) == 0

    follow()

    assert keys(search) == {"bizops/crm-to-slack-v1"}


def test_a_change_of_status_is_followed(
    search: TantivySearch, publish: Publish, follow: Follow
) -> None:
    publish("crm-to-slack-v1", status=Status.REVIEW)
    follow()

    publish("crm-to-slack-v1", status=Status.REVIEW, version="2.0.0")
    publish("crm-to-slack-v1", version="1.1.0")
    follow()

    assert search.find(Query()).counts["status"] == {"approved": 1}


def test_the_log_is_followed_in_steps_of_the_limit(
    works: Works, search: TantivySearch, publish: Publish, follow: Follow, seal_log: Follow
) -> None:
    follow()
    for n in range(4):
        publish(f"more-{n}-v1", status=Status.REVIEW)
    head = seal_log()

    with works.read() as work:
        steps = [index.catch_up(work, search, limit=3) for _ in range(3)]

    assert steps == [3, 1, 0]
    assert (search.position(), len(keys(search))) == (head, 4)


def test_events_of_other_things_only_move_the_position(
    search: TantivySearch, follow: Follow, seal_log: Follow
) -> None:
    assert follow() == seal_log() > 0
    assert keys(search) == set()


@pytest.mark.usefixtures("stocked")
def test_events_that_change_no_listing_are_not_worth_a_commit_until_there_are_many(
    works: Works, search: TantivySearch, follow: Follow, seal_log: Follow
) -> None:
    before = search.generation()
    quiet = (Event("bizops/crm-to-slack-v1@1.0.0", ""), Origin())
    with works.write() as work:
        work.emit_all([quiet])

    follow()
    after_one = search.generation()
    with works.write() as work:
        work.emit_all([quiet] * (index.BATCH - 1))

    assert follow() == seal_log()
    assert (after_one == before, search.generation() == before) == (True, False)


@pytest.mark.usefixtures("stocked")
def test_a_lost_index_is_rebuilt(
    works: Works, search: TantivySearch, seal_log: Follow, tmp_path: Path
) -> None:
    lost = TantivySearch(tmp_path / "another")

    with works.read() as work:
        assert index.catch_up(work, lost) == seal_log()

    assert keys(lost) == keys(search)


@pytest.mark.usefixtures("stocked")
def test_an_index_ahead_of_the_log_is_rebuilt(
    search: TantivySearch, follow: Follow, seal_log: Follow
) -> None:
    before = keys(search)
    search.replace([], position=seal_log() + 100)

    assert follow() == seal_log()
    assert keys(search) == before


def test_what_left_the_catalog_leaves_the_index(
    works: Works, search: TantivySearch, publish: Publish, follow: Follow
) -> None:
    kept = publish("kept-v1").key
    with works.read() as work:
        entry = index.document(listings(work, [kept])[kept])
    search.put([replace(entry, key="bizops/gone-v1")], position=follow())
    with works.write() as work:
        status = {"before": "review", "after": "approved", "reason": "", "own_work": False}
        work.emit(VersionStatusChanged("bizops/gone-v1@1.0.0", "", digest="", **status))

    follow()

    assert keys(search) == {kept}


def test_owners_and_teams_can_be_found_by_name(
    search: TantivySearch, publish: Publish, follow: Follow
) -> None:
    publish("crm-to-slack-v1", owner="Ana.Lee")
    follow()

    assert search.find(Query(words=("ana", "bizops"))).total == 1
    assert search.find(Query(facets={"owner": ("ana.lee",)})).total == 1
