"""Deliver runs: take those that are due, call their connectors, record how it went.

One thread takes and records, so that whatever ended and whatever is due share a transaction
and the database has one more writer, not one per connector that answers. The calls themselves
happen in threads of their own, which touch no tables. A process that dies leaves its leases
behind; when they end, the runs are delivered again.
"""

import dataclasses
import logging
import secrets
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from connectory.backends.targets import InstanceUnreachableError, Target
from connectory.instances import limits
from connectory.instances import read as instances
from connectory.instances.crew import Crew
from connectory.instances.read import Instance
from connectory.operations import read as operations
from connectory.runs import rules, store
from connectory.runs.rules import Held, Outcome, Taking
from connectory.work import Work

LOG = logging.getLogger("connectory.runs")
CALLS = 64  # at the same time, in one process
MOST_OF_ONE = 16  # calls of one instance, whatever its manifest says
USUAL = 8  # calls of an instance whose manifest says nothing: what the SDK allows


@dataclass(slots=True)
class Deliverer:
    """Delivers the runs of one process. `turn` is for one thread; the rest for any.

    `attempts` is after how many a run is given up. `wake` lets the next turn come at once.
    """

    crew: Crew
    lease: timedelta
    attempts: int
    stopping: threading.Event
    wake: Callable[[], None] = lambda: None
    _held: dict[str, Held] = field(default_factory=dict)
    _ended: deque[tuple[Held, Outcome]] = field(default_factory=deque)
    _most: dict[tuple[str, str], int] = field(default_factory=dict)
    _answered: threading.Condition = field(default_factory=threading.Condition)

    def turn(self) -> None:
        """Record what has ended, then begin to deliver what is due."""
        ended = [self._ended.popleft() for _ in range(len(self._ended))]
        room = 0 if self.stopping.is_set() else CALLS - len(self._held) + len(ended)
        wanting = self._wanting() if room else []
        if not ended and not wanting:
            return
        taken: list[Held] = []
        try:
            with self.crew.works.note() as work:
                for held, outcome in ended:
                    store.end(work, held, outcome)
                taken = self._take(work, wanting, room)
        except BaseException:  # nothing of it is recorded: the next turn does it
            self._ended.extendleft(reversed(ended))
            raise
        for held, _ in ended:
            del self._held[held.id]
        for held in taken:
            self._held[held.id] = held
            threading.Thread(target=self._deliver, args=(held,), daemon=True).start()

    def beat(self) -> None:
        """Keep the leases of all runs that this process delivers."""
        held = list(self._held.values())
        if held:
            with self.crew.works.note() as work:
                store.extend(work, held, self.lease)

    def settle(self, within_s: float) -> None:
        """Wait for the connectors that are being called, and record what they answered."""
        with self._answered:
            self._answered.wait_for(lambda: len(self._held) <= len(self._ended), within_s)
        self.turn()

    def _wanting(self) -> list[str]:
        with self.crew.works.read() as work:
            return store.wanting(work)

    def _take(self, work: Work, wanting: list[str], room: int) -> list[Held]:
        takers = {one.instance.id: one for one in self._takers(work, wanting)}
        most = {name: one.most for name, one in takers.items()}
        shares = rules.shares(most, store.busy(work), room) if takers else {}
        return [
            held
            for name, number in shares.items()
            for held in store.take(work, takers[name], number, self.lease)
        ]

    def _takers(self, work: Work, wanting: list[str]) -> list[Taking]:
        """Return those of the instances that take runs now."""
        changing = operations.active_among(work, wanting)
        return [
            Taking(one, self._most_of(work, one))
            for one in instances.among(work, wanting)
            if instances.is_delivering(one, is_changing=one.id in changing)
        ]

    def _most_of(self, work: Work, one: Instance) -> int:
        key = (one.digest, one.target)
        if key not in self._most:
            version = self.crew.launcher.version_of(work, one)
            own = limits.concurrency(version.manifest, version.deploy, one.target)
            self._most[key] = min(own or USUAL, MOST_OF_ONE)
        return self._most[key]

    def _deliver(self, held: Held) -> None:
        outcome = self._failed(held, "the server could not call it; its log says why")
        try:
            outcome = self._called(held)
        except Exception:  # whatever it is, the run must not be held for ever
            LOG.exception("%s failed", held.id, extra={"run": held.id})
        self._ended.append((held, outcome))
        with self._answered:
            self._answered.notify_all()
        self.wake()

    def _called(self, held: Held) -> Outcome:
        instance = held.taking.instance
        target = self.crew.targets[instance.target]
        begin = log_end(target, instance.id)
        try:
            answer = target.call(
                instance.id, "POST", address(held), held.body, headers=headers(held)
            )
        except InstanceUnreachableError as silence:
            is_changing = self._is_changing(instance)
            outcome = (
                rules.held_back(silence.message)
                if is_changing
                else self._failed(held, silence.message)
            )
        else:
            outcome = rules.outcome(answer, held.attempts, self.attempts, luck())
        return dataclasses.replace(outcome, log_from=begin, log_to=log_end(target, instance.id))

    def _failed(self, held: Held, error: str) -> Outcome:
        return rules.failed(error, held.attempts, self.attempts, luck())

    def _is_changing(self, seen: Instance) -> bool:
        """Whether a change of the instance began or ended since the run was taken."""
        with self.crew.works.read() as work:
            now = instances.by_id(work, seen.id)
            return now != seen or operations.active_on(work, seen.id) is not None


def luck() -> float:
    """Return any number from 0 to 1."""
    return secrets.randbelow(1_000) / 1_000


def address(held: Held) -> str:
    """Return what is called on the connector: the path and the query of its caller."""
    return f"{held.path}?{urlencode(held.query)}" if held.query else held.path


def headers(held: Held) -> dict[str, str]:
    """Return the headers by which a connector knows a run that it has seen before."""
    return {
        "Content-Type": held.content_type,
        "Connectory-Run": held.id,
        "Connectory-Attempt": str(held.attempts),
    }


def log_end(target: Target, instance: str) -> int:
    """Return the cursor behind the last line of an instance's log."""
    last = target.logs(instance, after=-1, limit=1)
    return last[-1].offset if last else 0
