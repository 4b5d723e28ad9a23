"""A target that keeps books: every effect on its world is a row in a file.

It runs no processes, so tests of many changes are fast. Its books say what a real target could
not: whether something was done twice that should have been done once.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectory.backends.targets import (
    NO_HEADERS,
    Answer,
    InstanceSpec,
    InstanceUnreachableError,
    LogLine,
    Observed,
    Phase,
    TargetFailedError,
    Usage,
)
from connectory.standins import SECRETS
from marketplaces import Marketplace

TABLES = """
CREATE TABLE IF NOT EXISTS environment (digest TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS process
    (instance TEXT PRIMARY KEY, generation INTEGER, digest TEXT, runs INTEGER);
CREATE TABLE IF NOT EXISTS effect
    (seq INTEGER PRIMARY KEY, kind TEXT, instance TEXT, generation INTEGER);
"""


@dataclass(frozen=True)
class Effect:
    """One thing that changed in the world: a process began or ended."""

    kind: str  # start or end
    instance: str
    generation: int


@dataclass(frozen=True)
class Called:
    """One call of a connector, other than for its health."""

    instance: str
    path: str
    body: bytes
    headers: Mapping[str, str]


def echo(called: Called) -> Answer:
    return Answer(200, "application/json", called.body or b"{}")


class LedgerTarget:
    """Passes the contract of targets as far as it goes without processes.

    `sick` are the digests of packages whose processes never become healthy; `given` holds what
    the newest process of each instance was handed. `answer` is what their connectors say to the
    calls, which are in `calls`.
    """

    containment = "a ledger contains nothing"
    is_contained = False
    is_cpu_limited = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self.sick: set[str] = set()
        self.given: dict[str, Mapping[str, str]] = {}
        self.answer: Callable[[Called], Answer] = echo
        self.calls: list[Called] = []
        self.usages: dict[str, Usage] = {}
        with self._db() as db:
            db.executescript(TABLES)

    def prepare(self, spec: InstanceSpec) -> None:
        with self._db() as db:
            db.execute("INSERT OR IGNORE INTO environment VALUES (?)", (spec.digest,))

    def apply(self, spec: InstanceSpec) -> None:
        seen = self._process(spec.instance)
        if seen and seen[0] > spec.generation:
            raise TargetFailedError(spec.label, "there is a newer generation", "look at it")
        if seen and seen == (spec.generation, True):
            return
        secrets = {name: value.reveal() for name, value in spec.secrets.items()}
        with self._db() as db:
            if seen and seen[1]:
                _write(db, "end", spec.instance, seen[0])
            row = (spec.instance, spec.generation, spec.digest)
            db.execute("INSERT OR REPLACE INTO process VALUES (?, ?, ?, 1)", row)
            _write(db, "start", spec.instance, spec.generation)
        self.given[spec.instance] = {**spec.environment, **secrets}

    def usage(self, instance: str) -> Usage | None:
        return self.usages.get(instance)

    def observe(self, instance: str) -> Observed:
        seen = self._process(instance)
        if seen is None:
            return Observed(Phase.ABSENT, generation=0)
        return Observed(Phase.RUNNING if seen[1] else Phase.STOPPED, generation=seen[0])

    def call(
        self,
        instance: str,
        method: str,  # noqa: ARG002  as all targets
        path: str,
        body: bytes = b"",
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        within_s: float | None = None,  # noqa: ARG002
    ) -> Answer:
        seen = self._process(instance)
        if seen is None or not seen[1]:
            raise InstanceUnreachableError(instance, "it has no process")
        if path == "/healthz":
            is_sick = self._digest(instance) in self.sick
            return Answer(503 if is_sick else 200, "application/json", b"{}")
        called = Called(instance, path, body, headers)
        self.calls.append(called)
        return self.answer(called)

    def logs(self, *_: object, **__: object) -> tuple[LogLine, ...]:
        return ()

    def stop(self, instance: str, *, at_once: bool = False) -> None:  # noqa: ARG002  as all
        seen = self._process(instance)
        if seen and seen[1]:
            with self._db() as db:
                db.execute("UPDATE process SET runs = 0 WHERE instance = ?", (instance,))
                _write(db, "end", instance, seen[0])

    def remove(self, instance: str) -> None:
        self.stop(instance)
        with self._db() as db:
            db.execute("DELETE FROM process WHERE instance = ?", (instance,))

    def collect(self, keep: frozenset[str]) -> None:
        with self._db() as db:
            for digest in self.environments() - keep:
                db.execute("DELETE FROM environment WHERE digest = ?", (digest,))

    def ping(self) -> None:
        self.environments()

    def environments(self) -> set[str]:
        with self._db() as db:
            return {row[0] for row in db.execute("SELECT digest FROM environment")}

    def processes(self) -> dict[str, tuple[int, bool]]:
        """Return generation of every instance that is there, and whether it runs."""
        with self._db() as db:
            found = db.execute("SELECT instance, generation, runs FROM process").fetchall()
        return {instance: (generation, bool(runs)) for instance, generation, runs in found}

    def effects(self) -> list[Effect]:
        """Return everything that happened, oldest first."""
        with self._db() as db:
            rows = db.execute("SELECT kind, instance, generation FROM effect ORDER BY seq")
            return [Effect(*row) for row in rows.fetchall()]

    def _process(self, instance: str) -> tuple[int, bool] | None:
        return self.processes().get(instance)

    def _digest(self, instance: str) -> str:
        query = "SELECT digest FROM process WHERE instance = ?"
        with self._db() as db:
            return str(db.execute(query, (instance,)).fetchone()[0])

    @contextmanager
    def _db(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path)) as db, db:
            db.execute("PRAGMA synchronous = OFF")
            yield db


def keep_books(shop: Marketplace, path: Path) -> LedgerTarget:
    """Let a marketplace run its starters on a ledger, with the secrets that they need."""
    for name, value in SECRETS.items():
        url = f"/api/v1/teams/payments/secrets/{name}"
        shop.client.put(url, json={"value": value}, headers=shop.as_("max"))
    shop.follow()
    ledger = LedgerTarget(path / "ledger.db")
    shop.state.crew.targets["local"] = ledger
    return ledger


def _write(db: sqlite3.Connection, kind: str, instance: str, generation: int) -> None:
    row = (kind, instance, generation)
    db.execute("INSERT INTO effect (kind, instance, generation) VALUES (?, ?, ?)", row)
