"""Deliver runs: store what arrives, take what is due, call connectors, record how it went.

All that is to be written when somebody takes a turn shares one transaction: what arrived, what
ended, what is taken. So a burst of events waits for the disk once, not once for each of them.
The calls happen in threads of their own. A process that dies leaves its leases behind; when
they end, the runs are delivered again.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta

from connectory.instances import read as instances
from connectory.instances.crew import Crew
from connectory.instances.rules import InstancePausedError, InstanceState
from connectory.operations import read as operations
from connectory.runs import queue_store, rules
from connectory.runs.calling import Caller
from connectory.runs.enqueue import InstanceGoneError, Request, enqueue
from connectory.runs.known import Known
from connectory.runs.rules import Held, Outcome, Taking
from connectory.work import Work

CALLS = 64  # at the same time, in one process
RESTLESS = frozenset({InstanceState.REMOVING, InstanceState.SUSPENDED})


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request on its way into the table; `outcome` is for somebody who waits for it."""

    request: Request
    outcome: Future[Outcome] | None = None
    stored: Future[str] = field(default_factory=Future)


@dataclass(slots=True)
class Deliverer:
    """Delivers the runs of one process. Safe to use from several threads.

    `wake` lets the next turn come soon.
    """

    crew: Crew
    caller: Caller
    known: Known
    lease: timedelta
    stopping: threading.Event
    wake: Callable[[], None] = lambda: None
    _arrived: deque[Arrival] = field(default_factory=deque)
    _ended: deque[tuple[Held, Outcome]] = field(default_factory=deque)
    _held: dict[str, Held] = field(default_factory=dict)
    _waiting: dict[str, Future[Outcome]] = field(default_factory=dict)
    _resting: dict[str, float] = field(default_factory=dict)  # until when, by instance
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _answered: threading.Condition = field(default_factory=threading.Condition)

    def accept(self, request: Request, outcome: Future[Outcome] | None = None) -> str:
        """Store a run durably and return its id; `outcome` is set when the run is over.

        Raises:
            InstanceGoneError: If the instance is removed or is being removed.
        """
        arrival = Arrival(request, outcome)
        self._arrived.append(arrival)
        with self._turn:  # whoever comes first stores for all who wait here
            if not arrival.stored.done():
                self._take_turn()
        return arrival.stored.result()

    def turn(self) -> None:
        """Write down what has arrived and ended, then begin to deliver what is due."""
        with self._turn:
            self._take_turn()

    def _take_turn(self) -> None:
        arrived = [self._arrived.popleft() for _ in range(len(self._arrived))]
        ended = [self._ended.popleft() for _ in range(len(self._ended))]
        if not (arrived or ended or self._is_wanting()):
            return
        try:
            with self.crew.works.note() as work:
                stored = [_stored(work, one) for one in arrived]
                for held, outcome in ended:
                    queue_store.end(work, held, outcome)
                    self._rest(held, outcome)
                taken = self._take(work, [held for held, _ in ended])
        except BaseException as failure:  # nothing of it is written
            self._ended.extendleft(reversed(ended))
            for one in arrived:
                one.stored.set_exception(failure)
            raise
        for held, outcome in ended:
            self._let_go(held, outcome)
        for one, run in zip(arrived, stored, strict=True):
            self._tell(one, run)
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

    def _is_wanting(self) -> bool:
        if self.stopping.is_set():
            return False
        with self.crew.works.read() as work:
            return bool(queue_store.wanting(work))

    def _take(self, work: Work, over: list[Held]) -> list[Held]:
        """Take what is due, as far as there is room once those that are over have left."""
        room = CALLS - len(self._held) + len(over)
        if room <= 0 or self.stopping.is_set():
            return []
        now, resting = time.monotonic(), self._resting
        wanting = [one for one in queue_store.wanting(work) if resting.get(one, 0.0) <= now]
        if not wanting:
            return []
        takers = {one.instance.id: one for one in self._takers(work, wanting)}
        most = {name: one.most for name, one in takers.items()}
        busy = Counter(one.taking.instance.id for one in list(self._held.values()))
        busy.subtract(one.taking.instance.id for one in over)
        taken: list[Held] = []
        for name, number in rules.shares(most, busy, room).items():
            due = queue_store.due(work, name, number)
            taken += queue_store.take(work, takers[name], due, self.lease)
        return taken

    def _takers(self, work: Work, wanting: list[str]) -> list[Taking]:
        """Return those of the instances that take runs now.

        A paused one takes none, unless an operation is at work on it: it may be starting. One
        that is suspended, or being removed, takes none at all.
        """
        found = instances.among(work, wanting)
        paused = [one.id for one in found if one.state is InstanceState.PAUSED]
        waking = operations.active_among(work, paused) if paused else frozenset()
        return [
            Taking(one, self.known.of(work, one).most)
            for one in found
            if one.state not in RESTLESS and (one.id not in paused or one.id in waking)
        ]

    def _rest(self, held: Held, outcome: Outcome) -> None:
        """Leave an instance alone for a while when its process was not there."""
        if not outcome.is_counted:
            self._resting[held.taking.instance.id] = time.monotonic() + rules.HELD_BACK_S

    def _deliver(self, held: Held) -> None:
        self._ended.append((held, self.caller.call(held)))
        with self._answered:
            self._answered.notify_all()
        self.wake()

    def _tell(self, arrival: Arrival, stored: str | InstanceGoneError) -> None:
        """Say how storing went, to be called after the commit and before the delivery."""
        if isinstance(stored, InstanceGoneError):
            arrival.stored.set_exception(stored)
            return
        if arrival.outcome is not None:
            self._waiting[stored] = arrival.outcome
        arrival.stored.set_result(stored)

    def _let_go(self, held: Held, outcome: Outcome) -> None:
        self._held.pop(held.id, None)
        if outcome.pause is None and (waiting := self._waiting.pop(held.id, None)):
            waiting.set_result(outcome)


def _stored(work: Work, arrival: Arrival) -> str | InstanceGoneError:
    try:
        return enqueue(work, arrival.request)
    except InstanceGoneError as gone:  # no reason not to store the others
        return gone
