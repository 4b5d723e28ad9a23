"""Saved searches: kept per account, in one form, and not without end."""

import pytest

from connectory.access import accounts
from connectory.access.rules import ANONYMOUS, Actor, NotSignedInError
from connectory.kernel.errors import ConnectoryError
from connectory.listing import searches
from connectory.listing.searches import (
    MOST,
    SearchMissingError,
    SearchRefusedError,
    TooManySearchesError,
)
from connectory.work import Work

MAX, ANA = Actor("max", via="session"), Actor("ana", via="session")


@pytest.fixture(autouse=True)
def people(work: Work) -> None:
    for each in (MAX, ANA):
        accounts.create_account(work, each.name)


def test_a_search_is_kept_in_one_form_and_seen_by_its_owner_alone(work: Work) -> None:
    made = searches.save(work, " Alerts ", "?tag=alert&q=slack&sort=name&tag=crm", MAX)

    assert made.url == "/connectors?q=slack&tag=alert&tag=crm&sort=name"
    assert searches.of(work, MAX) == [made]
    assert made.title == "Alerts"
    assert searches.of(work, ANA) == searches.of(work, ANONYMOUS) == []


def test_only_its_owner_renames_and_deletes_a_search(work: Work) -> None:
    made = searches.save(work, "Alerts", "q=slack", MAX)

    for act in (
        lambda: searches.rename(work, made.id, "Mine", ANA),
        lambda: searches.delete(work, made.id, ANA),
    ):
        with pytest.raises(SearchMissingError):
            act()
    searches.rename(work, made.id, "Slack", MAX)

    assert [each.title for each in searches.of(work, MAX)] == ["Slack"]
    searches.delete(work, made.id, MAX)
    assert searches.of(work, MAX) == []


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ("", "q=x"),
        ("x" * 101, "q=x"),
        ("x", "page=2"),
        ("x", "sort=odd"),
        ("x", "q=" + "a" * 2000),
    ],
)
def test_what_cannot_be_searched_for_is_not_kept(work: Work, title: str, query: str) -> None:
    with pytest.raises(SearchRefusedError):
        searches.save(work, title, query, MAX)


def test_a_search_that_would_be_refused_is_refused_now(work: Work) -> None:
    with pytest.raises(ConnectoryError):
        searches.save(work, "x", "updated_since=yesterday", MAX)


def test_there_is_an_end_to_what_an_account_keeps(work: Work) -> None:
    for number in range(MOST):
        searches.save(work, f"search {number}", "q=x", MAX)

    with pytest.raises(TooManySearchesError):
        searches.save(work, "one more", "q=x", MAX)
    with pytest.raises(NotSignedInError):
        searches.save(work, "x", "q=x", ANONYMOUS)
