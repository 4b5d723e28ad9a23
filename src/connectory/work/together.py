"""Changes that come at the same time share one transaction, and its one wait for the disk."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from connectory.work import Work, Works

Change = TypeVar("Change")
Outcome = TypeVar("Outcome")

MOST = 200  # changes of one transaction, unless one caller brings more


@dataclass(slots=True, eq=False)
class _Caller(Generic[Change, Outcome]):
    """What one caller brings. The outcomes are there as soon as they are durable."""

    changes: Sequence[Change]
    outcomes: Sequence[Outcome] | None = None


@dataclass(frozen=True, slots=True)
class Together(Generic[Change, Outcome]):
    """Makes changes of one kind. Whoever has the turn takes along those that wait for theirs.

    `make` makes changes as if one came after the other, and returns what became of each. One
    that is refused must not touch the others, and the origin of each is its own.
    """

    works: Works
    make: Callable[[Work, Sequence[Change]], Sequence[Outcome]]
    waiting: list[_Caller[Change, Outcome]] = field(default_factory=list, init=False)
    _turn: threading.Lock = field(default_factory=threading.Lock, init=False)

    def enter(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Make all these changes or none; return what became of each when it is durable."""
        mine = _Caller[Change, Outcome](changes)
        self.waiting.append(mine)
        with self._turn:
            try:
                return self._lead(mine) if mine.outcomes is None else mine.outcomes
            finally:
                self.waiting.remove(mine)

    def _lead(self, mine: _Caller[Change, Outcome]) -> Sequence[Outcome]:
        company = self._company(mine)
        if len(company) > 1:
            with suppress(SQLAlchemyError):  # then each enters alone, and only one may fail
                return self._enter(mine, company)
        return self._enter(mine, [mine])

    def _company(self, mine: _Caller[Change, Outcome]) -> list[_Caller[Change, Outcome]]:
        """Return who enters with a caller."""
        company, size = [mine], len(mine.changes)
        for other in list(self.waiting):
            if other is not mine and other.outcomes is None:
                size += len(other.changes)
                if size > MOST:
                    break
                company.append(other)
        return company

    def _enter(
        self, mine: _Caller[Change, Outcome], company: Sequence[_Caller[Change, Outcome]]
    ) -> Sequence[Outcome]:
        with self.works.write() as work:
            made = iter(self.make(work, [one for caller in company for one in caller.changes]))
            outcomes = {caller: list(islice(made, len(caller.changes))) for caller in company}
        for caller, its_own in outcomes.items():
            caller.outcomes = its_own
        return outcomes[mine]
