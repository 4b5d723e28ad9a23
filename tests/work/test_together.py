"""Changes that wait at the same time enter together, and what becomes of each is its own."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from connectory.work import Event, Work, Works, seal
from connectory.work.together import MOST, Together
from marketplaces import wait_until

WAIT_S = 30.0


@dataclass
class Made:
    """Makes changes, and keeps which came together. The first waits until it may go on."""

    together: list[list[str]] = field(default_factory=list)
    began: threading.Event = field(default_factory=threading.Event)
    may_end: threading.Event = field(default_factory=threading.Event)

    def __call__(self, work: Work, changes: Sequence[str]) -> list[str]:
        self.together.append(list(changes))
        self.began.set()
        assert self.may_end.wait(WAIT_S)
        for change in changes:
            work.emit(Event(change, ""))
        if "broken" in changes:
            work.db.execute(text("SELECT * FROM nowhere"))
        return [f"made {change}" for change in changes]


def enter_at_once(works: Works, made: Made, *callers: Sequence[str]) -> list[object]:
    """Let callers enter while one is at it; return the outcomes of each, or its failure."""
    together = Together(works, made)
    outcomes: list[object] = [None] * len(callers)

    def enter(n: int) -> None:
        try:
            outcomes[n] = list(together.enter(callers[n]))
        except SQLAlchemyError as failure:
            outcomes[n] = failure

    threads = [threading.Thread(target=enter, args=(n,)) for n in range(len(callers))]
    threads[0].start()
    assert made.began.wait(WAIT_S)
    for thread in threads[1:]:
        thread.start()
    wait_until(lambda: len(together.waiting) == len(callers))
    made.may_end.set()
    for thread in threads:
        thread.join(WAIT_S)
    return outcomes


def made_changes(works: Works) -> int:
    with works.read() as work:
        return seal.behind(work.db)


def test_those_that_wait_at_the_same_time_share_one_transaction(works: Works) -> None:
    made = Made()

    outcomes = enter_at_once(works, made, ["a"], ["b", "c"], ["d"])

    assert outcomes == [["made a"], ["made b", "made c"], ["made d"]]
    assert made.together[0] == ["a"]
    assert sorted(made.together[1]) == ["b", "c", "d"]
    assert len(made.together) == 2
    assert made_changes(works) == 4


def test_a_change_that_breaks_its_transaction_breaks_no_other(works: Works) -> None:
    made = Made()

    first, second, broken, third = enter_at_once(works, made, ["a"], ["b"], ["broken"], ["c"])

    assert (first, second, third) == (["made a"], ["made b"], ["made c"])
    assert isinstance(broken, SQLAlchemyError)
    assert made_changes(works) == 3


def test_no_more_enter_together_than_one_transaction_is_to_have(works: Works) -> None:
    made = Made()
    many = [f"many {n}" for n in range(MOST)]

    outcomes = enter_at_once(works, made, ["a"], many, ["b"])

    assert [len(one) for one in outcomes] == [1, MOST, 1]
    assert sorted(map(len, made.together)) == [1, 1, MOST]
