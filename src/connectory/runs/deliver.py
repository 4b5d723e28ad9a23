"""Deliver runs: take those that are due, call their connectors, record how it went.

One thread takes and records, so that whatever ended and whatever is due share a transaction,
and the database has one more writer, not one per connector that answers. The calls happen in
threads of their own. A process that dies leaves its leases behind; when they end, the runs are
delivered again.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta

from connectory.instances import read as instances
from connectory.instances.crew import Crew
from connectory.instances.rules import InstancePausedError
from connectory.operations import read as operations
from connectory.runs import queue_store, rules
from connectory.runs.calling import Caller
from connectory.runs.enqueue import Request, enqueue
from connectory.runs.known import Known
from connectory.runs.rules import Held, Outcome, Taking
from connectory.work import Work

CALLS = 64  # at the same time, in one process


@dataclass(slots=True)
class Deliverer:
    """Delivers the runs of one process. `turn` is for one thread, the rest for any.

    `wake` lets the next turn come at once.
    """

    crew: Crew
    caller: Caller
    known: Known
    lease: timedelta
    stopping: threading.Event
    wake: Callable[[], None] = lambda: None
    _held: dict[str, Held] = field(default_factory=dict)
    _ended: deque[tuple[Held, Outcome]] = field(default_factory=deque)
    _waiting: dict[str, Future[Outcome]] = field(default_factory=dict)
    _answered: threading.Condition = field(default_factory=threading.Condition)

    def turn(self) -> None:
        """Record what has ended, then begin to deliver what is due."""
        ended = [self._ended.popleft() for _ in range(len(self._ended))]
        room = 0 if self.stopping.is_set() else CALLS - len(self._held) + len(ended)
        wanting = self._wanting() if room > 0 else []
        if not ended and not wanting:
            return
        try:
            with self.crew.works.note() as work:
                for held, outcome in ended:
                    queue_store.end(work, held, outcome)
                taken = self._take(work, wanting, room)
        except BaseException:  # nothing of it is recorded: the next turn does it
            self._ended.extendleft(reversed(ended))
            raise
        for held, outcome in ended:
            self._let_go(held, outcome)
        for held in taken:
            self._held[held.id] = held
            threading.Thread(target=self._deliver, args=(held,), daemon=True).start()

    def beat(self) -> None:
        """Keep the leases of all runs that this process delivers."""
        held = list(self._held.values())
        if held:
            with self.crew.works.note() as work:
                queue_store.extend(work, held, self.lease)

    def settle(self, within_s: float) -> None:
        """Wait for the connectors that are being called, and record what they answered."""
        with self._answered:
            self._answered.wait_for(lambda: len(self._held) <= len(self._ended), within_s)
        self.turn()

    def outcome_of(self, run: str) -> Future[Outcome]:
        """Return the outcome of a run to come, until `forget`; ask before it is committed."""
        return self._waiting.setdefault(run, Future())

    def forget(self, run: str) -> None:
        """Say that nobody waits for the outcome of a run any more."""
        self._waiting.pop(run, None)

    def run_now(self, request: Request) -> tuple[Held, Outcome]:
        """Add a run and deliver it here and now, for somebody who waits for its outcome.

        Raises:
            InstanceGoneError: If the instance is removed or is being removed.
            InstancePausedError: If it is paused.
        """
        with self.crew.works.note() as work:
            run = enqueue(work, request)
            takers = self._takers(work, [request.instance])
            if not takers:
                raise InstancePausedError(request.instance)
            (held,) = queue_store.take(work, takers[0], [run], self.lease)
        self._held[held.id] = held
        outcome = self.caller.call(held)
        with self.crew.works.note() as work:
            queue_store.end(work, held, outcome)
        self._let_go(held, outcome)
        return held, outcome

    def _wanting(self) -> list[str]:
        with self.crew.works.read() as work:
            return queue_store.wanting(work)

    def _take(self, work: Work, wanting: list[str], room: int) -> list[Held]:
        takers = {one.instance.id: one for one in self._takers(work, wanting)}
        most = {name: one.most for name, one in takers.items()}
        shares = rules.shares(most, queue_store.busy(work), room) if takers else {}
        taken: list[Held] = []
        for name, number in shares.items():
            due = queue_store.due(work, name, number)
            taken += queue_store.take(work, takers[name], due, self.lease)
        return taken

    def _takers(self, work: Work, wanting: list[str]) -> list[Taking]:
        """Return those of the instances that take runs now."""
        changing = operations.active_among(work, wanting)
        return [
            Taking(one, self.known.of(work, one).most)
            for one in instances.among(work, wanting)
            if instances.is_delivering(one, is_changing=one.id in changing)
        ]

    def _deliver(self, held: Held) -> None:
        self._ended.append((held, self.caller.call(held)))
        with self._answered:
            self._answered.notify_all()
        self.wake()

    def _let_go(self, held: Held, outcome: Outcome) -> None:
        self._held.pop(held.id, None)
        waiting = self._waiting.get(held.id)
        if waiting is not None and outcome.pause is None:
            waiting.set_result(outcome)
