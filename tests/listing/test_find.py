from collections.abc import Callable
from dataclasses import replace

import pytest

from connectory.access.rules import Actor, Role
from connectory.backends.search import Sort
from connectory.backends.search.tantivy import TantivySearch
from connectory.catalog.read import listings
from connectory.listing.find import Count, Results, find
from connectory.listing.index import document
from connectory.listing.read import recently_approved
from connectory.listing.rules import ask
from connectory.work import Works

ADMIN = Actor("root", is_admin=True, via="session")
MAX = Actor("max", teams={"payments": Role.VIEWER}, via="session")
NOBODY = Actor("anonymous")


Ask = Callable[..., Results]


@pytest.fixture
def results(works: Works, search: TantivySearch, stocked: None) -> Ask:  # noqa: ARG001
    """Finds in the stocked catalog."""

    def run(text: str, reader: Actor = NOBODY, **more: object) -> Results:
        with works.read() as work:
            return find(work, search, ask(text, **more), reader)

    return run


def ids(found: Results) -> list[str]:
    return [item.listing.id for item in found.items]


@pytest.mark.parametrize(
    ("reader", "expected"),
    [
        (NOBODY, ["cost-monitor-v1", "crm-to-slack-v1"]),
        (MAX, ["cost-monitor-v1", "crm-to-slack-v1", "pager-v1"]),
        (ADMIN, ["cost-monitor-v1", "crm-to-slack-v1", "pager-v1"]),
    ],
)
def test_drafts_are_for_their_team_and_admins(
    results: Ask, reader: Actor, expected: list[str]
) -> None:
    found = results("", reader, sort=Sort.NAME)

    assert sorted(ids(found)) == expected
    assert found.total == len(expected)


def test_counts_do_not_tell_of_drafts_that_the_reader_may_not_see(
    results: Ask,
) -> None:
    for text in ("", "status:draft", "pager"):
        found = results(text)

        assert "draft" not in {one.value for one in found.facets["status"] if one.count}
        assert "payments" not in {one.value for one in found.facets["team"]}


def test_deprecated_connectors_appear_when_asked_for(results: Ask) -> None:
    assert "slack-hook-v1" not in ids(results("slack"))
    assert ids(results("slack status:deprecated")) == ["slack-hook-v1"]
    assert Count("deprecated", 1) in results("slack").facets["status"]


def test_an_item_says_why_and_where_it_matched(results: Ask) -> None:
    (item,) = results("slack ale").items

    assert item.listing.key == "bizops/crm-to-slack-v1"
    assert item.why == ("id “slack”", "name “Slack”", "tag “slack”")
    assert item.highlights["name"] == (
        ("CRM -> ", False),
        ("Slack", True),
        (": new lead", False),
    )
    assert item.highlights["tags"] == (("slack", True), (", ", False), ("alert", True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("owner:finops", ["cost-monitor-v1"]),
        ("uses:slack", ["crm-to-slack-v1"]),
        ("risk:low", ["crm-to-slack-v1"]),
        ("domain:sales runtime:serverless", ["crm-to-slack-v1"]),
        ("-tag:cost", ["crm-to-slack-v1"]),
        ("status:review", ["cost-monitor-v1"]),
        ("tag:nothing", []),
    ],
)
def test_filters_keep_what_they_say(results: Ask, text: str, expected: list[str]) -> None:
    assert ids(results(text)) == expected


def test_a_chosen_value_stays_in_the_facet_even_with_nothing_left(
    results: Ask,
) -> None:
    facet = results("tag:nothing").facets["tag"]

    assert facet[0] == Count("nothing", 0)
    assert Count("alert", 2) in facet


def test_pages_continue_until_the_end(results: Ask) -> None:
    first = results("", ADMIN, limit=2)
    second = results("", ADMIN, limit=2, offset=first.next)

    assert first.next == 2
    assert second.next is None
    assert len({*ids(first), *ids(second)}) == first.total == 3


@pytest.mark.usefixtures("stocked")
def test_an_index_that_is_behind_shows_nothing_that_became_hidden(
    works: Works, search: TantivySearch, results: Ask
) -> None:
    key = "payments/pager-v1"
    with works.read() as work:
        entry = document(listings(work, [key])[key])
    for_everyone = {**entry.facets, "audience": ("everyone",)}
    gone = replace(entry, key="bizops/gone-v1", facets=for_everyone)
    search.put([replace(entry, facets=for_everyone), gone], position=search.position())

    assert ids(results("pager")) == []


@pytest.mark.usefixtures("stocked")
def test_the_home_page_shows_approved_connectors(works: Works, search: TantivySearch) -> None:
    with works.read() as work:
        recent = recently_approved(work, search, NOBODY)

    assert [one.id for one in recent] == ["crm-to-slack-v1"]
