"""What every search index does. A new one joins by a line in INDEXES."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectory.backends.search import Document, Model, Query, Search, Sort
from connectory.backends.search.tantivy import TantivySearch

INDEXES: dict[str, Callable[[Path], Search]] = {"tantivy": TantivySearch}
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(params=INDEXES)
def search(request: pytest.FixtureRequest, tmp_path: Path) -> Search:
    return INDEXES[request.param](tmp_path / "index")


def document(
    key: str,
    name: str = "",
    *,
    tags: tuple[str, ...] = (),
    description: str = "",
    status: str = "approved",
    day: int = 0,
) -> Document:
    texts = {
        "id": (key.partition("/")[2],),
        "name": (name or key,),
        "tags": tags,
        "description": (description,),
    }
    facets = {"tag": tags, "status": (status,)}
    return Document(key, texts, facets, MONDAY + timedelta(days=day))


CRM = document("a/crm-to-slack", "CRM → Slack: new lead", tags=("crm", "alert"), day=1)
PAGER = document("b/pagerduty-notify", "PagerDuty notify", tags=("alert",), day=3)
COSTS = document(
    "b/cost-watch", "Cost watch", description="Posts the bill to Slack", status="review", day=2
)


def keys(search: Search, *words: str, **more: object) -> list[str]:
    return [hit.key for hit in search.find(Query(words=words, **more)).hits]  # type: ignore[arg-type]


def test_a_new_index_is_empty_and_stands_at_position_0(search: Search) -> None:
    assert search.find(Query()).total == 0
    assert search.position() == 0


def test_what_was_put_is_found_at_once(search: Search) -> None:
    search.put([CRM, PAGER], position=7)

    assert keys(search, "slack") == ["a/crm-to-slack"]
    assert search.position() == 7


def test_a_document_replaces_the_one_with_its_key(search: Search) -> None:
    search.put([document("a/x", "Old name")], position=1)

    search.put([document("a/x", "New name")], position=2)

    assert keys(search, "old") == []
    assert search.find(Query()).total == 1


def test_a_position_can_move_on_without_documents(search: Search) -> None:
    search.put([CRM], position=1)

    search.put([], position=9)

    assert (search.position(), search.find(Query()).total) == (9, 1)


def test_removed_documents_are_not_found_and_unknown_ones_are_no_error(search: Search) -> None:
    search.put([CRM, PAGER], position=3)

    search.put([], position=search.position(), gone=[CRM.key, "no/such"])

    assert keys(search) == [PAGER.key]
    assert search.position() == 3


def test_replace_forgets_all_other_documents(search: Search) -> None:
    search.put([CRM], position=3)

    search.replace([PAGER], position=2)

    assert (keys(search), search.position()) == ([PAGER.key], 2)


def test_a_failing_source_of_documents_changes_nothing(search: Search) -> None:
    def broken() -> Iterator[Document]:
        yield PAGER
        raise KeyError("the database went away")

    search.put([CRM], position=1)
    with pytest.raises(KeyError):
        search.replace(broken(), position=2)

    assert (keys(search), search.position()) == ([CRM.key], 1)


def test_all_words_must_be_found_in_whatever_field(search: Search) -> None:
    search.put([CRM, COSTS], position=1)

    assert keys(search, "slack", "bill") == [COSTS.key]
    assert keys(search, "slack", "unheard") == []


def test_only_the_last_word_may_be_unfinished(search: Search) -> None:
    search.put([CRM], position=1)

    assert keys(search, "new", "sla") == [CRM.key]
    assert keys(search, "sla", "new") == []


@pytest.mark.parametrize("word", ["slakc", "slck", "slacks", "pagedruty", "pagrdtuy"])
def test_typing_mistakes_are_forgiven(search: Search, word: str) -> None:
    search.put([CRM, PAGER], position=1)

    assert len(keys(search, word, "")) == 1


@pytest.mark.parametrize("word", ["crn", "slaikc", "padergdtuu", "slack2"])
def test_short_words_other_numbers_and_many_mistakes_are_not(search: Search, word: str) -> None:
    search.put([CRM, PAGER], position=1)

    assert keys(search, word) == []


def test_the_word_itself_comes_before_similar_ones(search: Search) -> None:
    black = document("a/black", "Black", tags=("black", "block", "slick"), description="slick")
    search.put([black, COSTS], position=1)

    assert keys(search, "slack") == [COSTS.key, black.key]


def test_names_count_more_than_tags_and_tags_more_than_descriptions(search: Search) -> None:
    described = document("a/1", "One", description="about invoices")
    tagged = document("a/2", "Two", tags=("invoices",))
    named = document("a/3", "Invoices")
    search.put([described, tagged, named], position=1)

    assert keys(search, "invoices") == [named.key, tagged.key, described.key]


def test_preferred_documents_come_first_among_equals(search: Search) -> None:
    old = document("a/1", "Invoices", status="deprecated")
    new = document("a/2", "Invoices", status="approved")
    search.put([old, new], position=1)

    for status, first in (("approved", new), ("deprecated", old)):
        assert keys(search, "invoices", preferred={"status": (status,)})[0] == first.key


@pytest.mark.parametrize(
    "typed", ["pagerduty", "PagerDuty", "pager-duty", "PAGERDUTY", "págerdüty"]
)
@pytest.mark.parametrize(
    "name", ["PagerDuty", "pagerduty-notify", "Pager-Duty", "\uff30\uff41gerDuty"]
)
def test_ways_of_writing_a_name_find_each_other(search: Search, typed: str, name: str) -> None:
    search.put([document("a/x", name)], position=1)

    assert keys(search, typed) == ["a/x"]


@pytest.mark.parametrize("typed", ["crm->slack", "CRM -> Slack", "crm-to-slack", "crm→slack"])
def test_arrows_and_dashes_only_separate(search: Search, typed: str) -> None:
    search.put([CRM], position=1)

    assert keys(search, *typed.split()) == [CRM.key]


def test_words_without_letters_are_ignored_unless_there_are_no_others(search: Search) -> None:
    search.put([CRM], position=1)

    assert keys(search, "->", "slack") == [CRM.key]
    assert keys(search, "->") == []


def test_values_of_a_facet_are_alternatives_and_facets_add_up(search: Search) -> None:
    search.put([CRM, PAGER, COSTS], position=1)

    assert keys(search, facets={"tag": ("crm", "alert")}, sort=Sort.NAME) == [
        CRM.key,
        PAGER.key,
    ]
    assert keys(search, facets={"tag": ("alert",), "status": ("review",)}) == []


def test_excluded_values_are_left_out(search: Search) -> None:
    search.put([CRM, PAGER, COSTS], position=1)

    assert keys(search, excluded={"tag": ("crm",), "status": ("review",)}) == [PAGER.key]


def test_counts_ignore_their_own_filter_and_no_other(search: Search) -> None:
    search.put([CRM, PAGER, COSTS], position=1)

    for words in ((), ("slack",)):
        found = search.find(
            Query(words=words, facets={"status": ("approved",)}, excluded={"tag": ("crm",)})
        )

        assert found.counts["status"] == (
            {"approved": 1, "review": 1} if not words else {"review": 1}
        )
        assert found.counts["tag"]["alert"] == (2 if not words else 1)


def test_counts_follow_each_change(search: Search) -> None:
    search.put([CRM], position=1)
    before = search.find(Query()).counts["tag"]

    search.put([PAGER], position=2)

    assert (before["alert"], search.find(Query()).counts["tag"]["alert"]) == (1, 2)


def test_hits_say_where_the_words_were_found(search: Search) -> None:
    search.put([CRM], position=1)

    (hit,) = search.find(Query(words=("slack", "ale"))).hits

    assert hit.matched == {
        "id": ((("crm-to-", False), ("slack", True)),),
        "name": ((("CRM → ", False), ("Slack", True), (": new lead", False)),),
        "tags": ((("alert", True),),),
    }


def test_the_order_can_be_by_name_or_by_change(search: Search) -> None:
    search.put([PAGER, COSTS, CRM, document("c/e", "Éclair", day=-1)], position=1)

    by_name = keys(search, sort=Sort.NAME)
    by_change = keys(search, sort=Sort.UPDATED)

    assert by_name == [COSTS.key, CRM.key, "c/e", PAGER.key]
    assert by_change == [PAGER.key, COSTS.key, CRM.key, "c/e"]


def test_pages_follow_each_other_without_gap(search: Search) -> None:
    documents = [document(f"a/{n:02}", f"Same {n % 3}") for n in range(25)]
    search.put(documents, position=1)

    for words in ((), ("same",)):
        pages = [keys(search, *words, limit=10, offset=at) for at in (0, 10, 20, 30)]

        assert [len(page) for page in pages] == [10, 10, 5, 0]
        assert sorted(key for page in pages for key in page) == [one.key for one in documents]


@pytest.mark.parametrize("make", INDEXES.values(), ids=INDEXES)
def test_an_index_survives_a_restart(make: Callable[[Path], Search], tmp_path: Path) -> None:
    make(tmp_path).put([CRM], position=4)

    again = make(tmp_path)

    assert (keys(again), again.position()) == ([CRM.key], 4)


def test_readers_and_writers_do_not_wait_for_each_other(search: Search) -> None:
    search.put([CRM], position=1)
    failures: list[BaseException] = []

    def write(start: int) -> None:
        for n in range(start, start + 5):
            try:
                search.put([document(f"a/{n}")], position=n)
            except BaseException as failure:  # noqa: BLE001  shown by the assertion
                failures.append(failure)

    writers = [threading.Thread(target=write, args=(start,)) for start in (10, 20, 30)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert CRM.key in keys(search)
    assert failures == []
    assert search.find(Query()).total == 16


def test_a_ping_of_a_good_index_changes_nothing(search: Search) -> None:
    search.put([CRM], position=1)
    search.ping()

    assert (keys(search), search.position()) == ([CRM.key], 1)


@given(text=st.text(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_can_be_indexed_and_any_text_can_be_searched(
    search: Search, text: str
) -> None:
    search.put([document("a/any", text, tags=(text[:50],), description=text)], position=1)

    found = search.find(Query(words=tuple(text.split(" ")), facets={"tag": (text[:50],)}))

    has_words = any(letter.isalnum() for letter in text)
    assert found.total == (1 if has_words else 0)


def test_pages_of_one_generation_are_not_moved_by_what_is_put_meanwhile(search: Search) -> None:
    there = [document(f"a/c{n:02}", day=n) for n in range(12)]
    search.put(there, position=1)
    seen, generation = [], ""

    for at in range(0, 12, 3):
        found = search.find(Query(limit=3, offset=at, generation=generation))
        generation = found.generation
        seen += [hit.key for hit in found.hits]
        search.put([document(f"z/new{at}", day=20 + at), there[at]], position=2 + at)

    assert sorted(seen) == [one.key for one in there]
    assert search.find(Query()).total == 16


def test_every_change_is_another_generation(search: Search) -> None:
    empty = search.generation()

    search.put([CRM], position=1)
    one = search.generation()
    search.put([], position=search.position(), gone=[CRM.key])

    assert len({empty, one, search.generation()}) == 3
    assert search.find(Query()).generation == search.generation()


def test_a_generation_that_is_forgotten_is_answered_by_the_newest(search: Search) -> None:
    search.put([CRM, PAGER], position=1)

    assert search.find(Query(generation="gen_unknown")).total == 2


def test_words_of_examples_are_found_in_examples_alone(search: Search) -> None:
    texts = {"name": ("Bills",), "examples": ("Post an invoice to Slack",)}
    billed = Document("b/bills", texts, {"status": ("approved",)}, MONDAY)
    named = document("b/invoice-print", "Invoice print")
    search.put([billed, named], position=1)

    assert keys(search, examples=("Invoice",)) == ["b/bills"]
    assert keys(search, examples=("invoice", "print")) == []
    assert keys(search, "slack", examples=("invoice",)) == ["b/bills"]


def test_what_was_not_updated_since_is_left_out(search: Search) -> None:
    search.put([CRM, PAGER, COSTS], position=1)

    assert keys(search, since=MONDAY + timedelta(days=2)) == [PAGER.key, COSTS.key]
    assert search.find(Query(since=MONDAY + timedelta(days=3))).counts["tag"] == {"alert": 1}


@pytest.mark.parametrize(
    ("words", "instead"),
    [
        (("slakc",), ("slack",)),
        (("crm", "slakc"), ("crm", "slack")),
        (("slack",), ()),
        (("pagerd",), ()),
        (("pagerduty-notfy",), ("pagerduty", "notify")),
        (("unheard",), ()),
    ],
)
def test_mistyped_words_are_named_as_they_were_taken(
    search: Search, words: tuple[str, ...], instead: tuple[str, ...]
) -> None:
    search.put([CRM, PAGER], position=1)

    assert search.find(Query(words=words)).instead == instead


def test_the_like_of_a_model_is_ranked_by_what_is_shared(search: Search) -> None:
    search.put([CRM, PAGER, COSTS], position=1)
    model = Model(
        words=("slack", "lead"),
        facets={"tag": ("alert", "crm")},
        kept={"status": ("approved",)},
    )

    assert search.like(model) == (CRM.key, PAGER.key)
    assert search.like(replace(model, excluded={"tag": ("crm",)})) == (PAGER.key,)
    assert search.like(Model(words=("unheard",))) == ()
    assert search.like(Model()) == ()


def test_what_was_put_beside_a_document_is_handed_back(search: Search) -> None:
    search.put([replace(CRM, told=b"short", body=b"long")], position=1)

    assert [hit.told for hit in search.find(Query(words=("slack",))).hits] == [b"short"]
    assert (search.body(CRM.key), search.body("no/such")) == (b"long", b"")
