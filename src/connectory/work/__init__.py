"""One unit of work: a transaction, its clock, who acts, and the events it leaves behind.

The edge (route, job, operation step) begins the transaction, commits it when the call returns
and rolls it back when it raises. Operations never commit.
"""

import dataclasses
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Connection, Engine

from connectory.work import log

SYSTEM = "system"
NAMED = frozenset({"subject", "team"})  # fields of an event that are columns of its row
TURN_S = 10.0  # to wait for the other writers of this process


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, in the past tense: `VersionPublished`.

    Subclasses are frozen dataclasses of plain values (str, int, bool, None, lists of them).
    `subject` names what it happened to (`bizops/crm-to-slack-v1@1.3.0`); `team` whose activity
    page shows it, `""` for everybody's.
    """

    subject: str
    team: str

    @classmethod
    def kind(cls) -> str:
        """Return the name under which the log stores this class of event."""
        return cls.__name__


@dataclass(frozen=True, slots=True)
class Origin:
    """Who caused a change and by which way, as the audit trail records it."""

    actor: str = SYSTEM  # account name
    via: str = SYSTEM  # token id, `session`, `operation op_…`, `system`
    request: str = ""  # request id

    NOBODY: ClassVar[str] = "anonymous"


@dataclass(frozen=True, slots=True)
class Work:
    """What an operation needs from the outside, opened and closed by the edge."""

    db: Connection
    now: datetime
    origin: Origin = Origin()
    subjects: set[str] = field(default_factory=set)  # of the events so far

    def emit(self, event: Event) -> str:
        """Write `event` into the log, in this transaction; return its id (`evt_…`)."""
        (row,) = self.emit_all([(event, self.origin)])
        return row

    def emit_all(self, events: Sequence[tuple[Event, Origin]]) -> list[str]:
        """Write events into the log, each with who caused it; return their ids, in order."""
        rows = [self._row(event, origin) for event, origin in events]
        self.subjects.update(row.subject for row in rows)
        log.append(self.db, rows)
        return [row.id for row in rows]

    def _row(self, event: Event, origin: Origin) -> log.Row:
        names = (field.name for field in dataclasses.fields(event) if field.name not in NAMED)
        return log.Row(
            kind=event.kind(),
            subject=event.subject,
            team=event.team,
            actor=origin.actor,
            via=origin.via,
            request=origin.request,
            at=self.now,
            facts={name: getattr(event, name) for name in names},
        )


@dataclass(slots=True)
class Latest:
    """Stands for the state of the database: what was read under another `mark` may be old.

    `touched` names what events happened to that the followers of the log may not know yet.
    """

    mark: object = field(default_factory=object)
    touched: Mapping[str, object] = field(default_factory=dict)  # subject -> mark of the change
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def change(self, subjects: Iterable[str]) -> None:
        """Note a committed change."""
        with self._lock:
            self.mark = object()
            self.touched = {**self.touched, **dict.fromkeys(subjects, self.mark)}

    def settle(self, known: Mapping[str, object]) -> None:
        """Note that the followers know what was `touched` some time ago, as it was then."""
        with self._lock:
            self.touched = {
                subject: mark
                for subject, mark in self.touched.items()
                if known.get(subject) is not mark
            }


@dataclass(frozen=True, slots=True)
class Works:
    """Opens units of work on one database.

    `changed` is called after each committed write; it wakes the sealer and must not block.
    Before that `latest` gets another mark, so who keeps something that was read takes the mark
    first, then reads, and later compares.
    """

    engine: Engine
    clock: Callable[[], datetime]
    changed: Callable[[], None]
    latest: Latest = field(default_factory=Latest, kw_only=True)
    _turn: threading.Lock = field(default_factory=threading.Lock, init=False)

    @contextmanager
    def write(self, origin: Origin = Origin()) -> Iterator[Work]:
        """Begin a change; commit it when the block ends, roll it back when it raises."""
        with self.begin() as db:
            work = Work(db, self.clock(), origin)
            yield work
        self.latest.change(work.subjects)
        self.changed()

    @contextmanager
    def note(self) -> Iterator[Work]:
        """Begin a change of what nobody follows and no answer remembers: nobody is woken."""
        with self.begin() as db:
            yield Work(db, self.clock())

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Begin a transaction of which nobody is told: `write` without its consequences.

        SQLite has one writer at a time, and those who wait for it poll ever more rarely. Here
        they wait in line for as long as SQLite would, and then let it decide.
        """
        is_one_by_one = self.engine.dialect.name == "sqlite"
        has_turn = is_one_by_one and self._turn.acquire(timeout=TURN_S)
        try:
            with self.engine.begin() as db:
                yield db
        finally:
            if has_turn:
                self._turn.release()

    @contextmanager
    def read(self, origin: Origin = Origin()) -> Iterator[Work]:
        """Begin a consistent view that waits for no writer and cannot change anything."""
        with self.engine.execution_options(read_only=True).begin() as db:
            yield Work(db, self.clock(), origin)
