"""Curated sets: who sees what of them, and that two editors never overwrite each other."""

from dataclasses import replace

import pytest

from connectory.access.rules import Actor, Role
from connectory.listing import set_store, sets
from connectory.listing.set_store import Member
from connectory.listing.sets import SetOutdatedError, SetRefusedError, Wish
from connectory.work import Works
from marketplaces import racing

ADMIN = Actor("root", is_admin=True, via="session")
MAX = Actor("max", teams={"payments": Role.VIEWER}, via="session")


def wish(
    set_id: str = "start", title: str = "Start here", *members: str, **more: object
) -> Wish:
    named = tuple(Member(each) for each in members)
    return Wish(set_id, title, "because", named, **more)


@pytest.mark.usefixtures("stocked")
def test_members_that_are_not_approved_are_shown_to_admins_alone(works: Works) -> None:
    members = ("crm-to-slack-v1", "bizops/cost-monitor-v1")
    with works.write() as work:
        sets.put(work, wish("start", "Start here", *members), None, ADMIN)

    with works.read() as work:
        whole, part = sets.seen(work, ADMIN)[0], sets.seen(work, MAX)[0]

    assert [each.state for each in whole.members] == ["approved", "review"]
    assert [each.member.connector for each in part.members] == ["bizops/crm-to-slack-v1"]


@pytest.mark.usefixtures("stocked")
def test_a_member_that_vanished_stays_until_an_admin_takes_it_out(works: Works) -> None:
    with works.write() as work:
        sets.put(work, wish("start", "Start", "crm-to-slack-v1"), None, ADMIN)
        gone = Member("bizops/gone-v1")
        one = sets.one(work, "start", ADMIN).set
        set_store.change(work, replace(one, members=(*one.members, gone)))

        kept = sets.put(work, wish("start", "New", "crm-to-slack-v1", gone.connector), 1, ADMIN)

    with works.read() as work:
        assert [m.state for m in sets.one(work, "start", ADMIN).members] == [
            "approved",
            "vanished",
        ]
        assert len(sets.one(work, "start", MAX).members) == 1
    assert kept.members[1] == Member("bizops/gone-v1")


def test_of_two_editors_of_one_revision_the_second_is_refused(works: Works) -> None:
    with works.write() as work:
        sets.put(work, wish(), None, ADMIN)
        sets.put(work, wish(title="Another"), 1, ADMIN)

        with pytest.raises(SetOutdatedError) as refused:
            sets.put(work, wish(title="Mine"), 1, ADMIN)
        with pytest.raises(SetOutdatedError):
            sets.delete(work, "start", 1)

    assert refused.value.message == "start is at revision 2, changed by root"


def test_of_two_who_make_the_same_set_one_is_refused(works: Works) -> None:
    first, second = racing(works, lambda work: sets.put(work, wish(), None, ADMIN))

    assert first.revision == 1
    assert isinstance(second, SetOutdatedError)


def test_the_same_again_changes_nothing(works: Works) -> None:
    with works.write() as work:
        sets.put(work, wish(), None, ADMIN)

        assert sets.put(work, wish(), 1, ADMIN).revision == 1


def test_sets_are_put_in_order(works: Works) -> None:
    with works.write() as work:
        for each in ("one", "two", "three"):
            sets.put(work, wish(each), None, ADMIN)
        sets.put(work, wish("three", order=1), 1, ADMIN)
        sets.delete(work, "one", 1)

        found = [(each.set.id, each.set.position) for each in sets.seen(work, ADMIN)]

    assert found == [("three", 1), ("two", 2)]


@pytest.mark.parametrize(
    "wrong",
    [
        Wish("No Id", "x", "", ()),
        Wish("start", " ", "", ()),
        Wish("start", "x" * 101, "", ()),
        Wish("start", "x", "y" * 501, ()),
        Wish("start", "x", "", (Member("a/b"),) * 51),
    ],
)
def test_what_cannot_be_a_set_is_refused(works: Works, wrong: Wish) -> None:
    with works.write() as work, pytest.raises(SetRefusedError):
        sets.put(work, wrong, None, ADMIN)
