"""What changes, and who has followed it."""

from dataclasses import dataclass

import pytest

from connectory.work import Event, Works


@dataclass(frozen=True, slots=True)
class Happened(Event):
    pass


def happen(works: Works, subject: str) -> None:
    with works.write() as work:
        work.emit(Happened(subject, ""))


def test_what_happened_is_touched_until_followers_know_it(works: Works) -> None:
    happen(works, "a")
    known = works.latest.touched
    happen(works, "b")

    works.latest.settle(known)

    assert (set(known), set(works.latest.touched)) == ({"a"}, {"b"})


def test_what_happened_again_meanwhile_stays_touched(works: Works) -> None:
    happen(works, "a")
    known = works.latest.touched
    happen(works, "a")

    works.latest.settle(known)

    assert set(works.latest.touched) == {"a"}


def test_what_was_rolled_back_touches_nothing(works: Works) -> None:
    with pytest.raises(KeyError), works.write() as work:
        work.emit(Happened("a", ""))
        raise KeyError("no")

    assert works.latest.touched == {}
