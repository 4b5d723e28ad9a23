"""Deaths and failures at random moments: each effect happens once, or is taken back.

A target keeps books of what it did. A worker dies by an exception that nothing in the product
catches, at a moment that a seed chooses: before or after an effect on the target or on a
secret, before or after a commit. Its lease runs out and the next worker goes on. In
`tests/journeys/test_kill.py` real processes die by SIGKILL, at every boundary of every step.
"""

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectory.backends.targets import TargetFailedError
from connectory.instances import keep
from connectory.instances.recipes import all_recipes
from connectory.operations.engine import Engine as Operations
from connectory.packages import pins
from connectory.work import Origin, Work, Works
from ledger import Effect, LedgerTarget, keep_books
from marketplaces import Marketplace
from releases import publish

URL = "/api/v1/teams/payments/instances/leads"
ASKED = {"connector": "crm-to-slack-v1", "version": "1.3.0", "inputs": {"slack_channel": "#a"}}
LOG = logging.getLogger(__name__)
SYSTEM = Origin()
MOST_STRIKES = 3  # in one operation; five failures of one undo would rightly give it up
CHANGES = ("install", "upgrade", "sick", "rollback", "pause", "resume", "rotate", "remove")


class DeathError(BaseException):
    """The worker is gone. Nothing catches it, as nothing catches SIGKILL."""


@dataclass
class Fate:
    """Decides by a seed where to strike."""

    dice: random.Random = field(default_factory=random.Random)
    left: int = 0
    deaths: int = 0
    failures: int = 0

    def strike(self, *, fails: bool = False) -> None:
        """Let the worker die here, or the target fail, or nothing happen."""
        if self.left == 0 or self.dice.random() > 0.12:
            return
        self.left -= 1
        if fails and self.dice.random() < 0.4:
            self.failures += 1
            raise TargetFailedError("leads", "the target has a bad day", "try again")
        self.deaths += 1
        raise DeathError


@dataclass
class Doomed:
    """Passes calls on, and lets fate strike before and after those that change something."""

    inner: Any
    fate: Fate
    changing: tuple[str, ...]
    fails: bool

    def __getattr__(self, name: str) -> Any:
        act = getattr(self.inner, name)
        return self._struck(act) if name in self.changing else act

    def _struck(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def struck(*given: object, **named: object) -> object:
            self.fate.strike(fails=self.fails)
            done = act(*given, **named)
            self.fate.strike()
            return done

        return struck


@dataclass(frozen=True)
class DoomedWorks(Works):
    """Units of work during which, and after which, the worker may die."""

    fate: Fate

    @contextmanager
    def write(self, origin: Origin = SYSTEM) -> Iterator[Work]:
        with super().write(origin) as work:
            yield work
            self.fate.strike()
        self.fate.strike()


@dataclass
class World:
    """A marketplace whose workers are doomed, and the books of what they did."""

    shop: Marketplace
    books: LedgerTarget
    fate: Fate

    def ask(self, change: str) -> str:
        """Ask for a change; return its operation, or nothing if it is not possible now."""
        send, by = self.shop.client, self.shop.as_("max")
        if change == "install":
            answer = send.put(URL, json=ASKED, headers=by)
        elif change == "remove":
            answer = send.delete(URL, headers=by)
        elif change in {"upgrade", "sick"}:
            version = "1.5.0" if change == "sick" else self._other_version()
            answer = send.post(f"{URL}:upgrade", json={"version": version}, headers=by)
        else:
            answer = send.post(f"{URL}:{change}", headers=by)
        assert answer.status_code < 500, answer.text
        return str(answer.json()["operation"]) if answer.status_code == 202 else ""

    def seen(self) -> tuple[object, ...]:
        """Return state, version and settings as people see them; nothing if it is not there."""
        found = self.shop.client.get(URL, headers=self.shop.as_("max")).json()
        return tuple(found.get(name) for name in ("state", "connector", "settings"))

    def bring_to_an_end(self, operation: str) -> dict[str, Any]:
        """Let one worker after the other try, until the operation has ended.

        A removal is never undone. One that failed is left to be tried again, so it is.
        """
        self.fate.left = MOST_STRIKES
        found = self._worked_on(operation)
        self.fate.left = 0
        if found["state"] == "failed":
            assert found["kind"] == "remove", found
            path = f"/api/v1/operations/{operation}:retry"
            self.shop.client.post(path, headers=self.shop.as_("max"))
            found = self._worked_on(operation)
        return found

    def _worked_on(self, operation: str) -> dict[str, Any]:
        path = f"/api/v1/operations/{operation}"
        while True:
            with suppress(DeathError):
                self._worker().turn()
            found: dict[str, Any] = self.shop.client.get(
                path, headers=self.shop.as_("max")
            ).json()
            if found["state"] not in {"waiting", "running"}:
                return found

    def reconcile(self) -> None:
        """Do what the keeper and the collector do in the background."""
        keep.keep_running(self.shop.state.crew, self.shop.state.watch)
        self.shop.turn()
        keep.collect(self.shop.state.crew)

    def _other_version(self) -> str:
        found = self.shop.client.get(URL, headers=self.shop.as_("max")).json()
        return "1.3.0" if found.get("connector", {}).get("version") == "1.4.0" else "1.4.0"

    def _worker(self) -> Operations:
        state = self.shop.state
        works = DoomedWorks(state.works.engine, state.works.clock, lambda: None, self.fate)
        return Operations(works, all_recipes(state.crew), timedelta(0))


def orphans(world: World) -> list[object]:
    """Return whatever is there and belongs to no instance, or is not as its instance says."""
    state, books = world.shop.state, world.books
    sql = "SELECT id, state, generation, package_digest FROM instance WHERE state <> 'removed'"
    with state.works.read() as work:
        live = {row[0]: row for row in work.db.exec_driver_sql(sql)}
        hooks = {row[0] for row in work.db.exec_driver_sql("SELECT instance FROM hook")}
        accounts = {
            row[0] for row in work.db.exec_driver_sql("SELECT instance FROM service_account")
        }
        pinned = pins.pins_of(work, _digests(work))
    keys = {entry.path for entry in state.backends.secrets.entries("instances/")}
    wanted = {one: (row[2], row[1] == "running") for one, row in live.items()}
    holders = {
        p.holder for held in pinned.values() for p in held if p.holder_kind == "instance"
    }
    differences = [
        ("processes", wanted, books.processes()),
        ("hooks", set(live), hooks),
        ("accounts", set(live), accounts),
        ("keys", {f"instances/{one}/hook-key" for one in live}, keys),
        ("pins", set(live), holders),
    ]
    return [one for one in differences if one[1] != one[2]]


def doubles(effects: list[Effect]) -> list[Effect]:
    """Return every start beside a running process, and every end of none."""
    running: set[str] = set()
    found = []
    for one in effects:
        if (one.kind == "start") == (one.instance in running):
            found.append(one)
        running ^= {one.instance}
    return found


def _digests(work: Work) -> list[str]:
    sql = "SELECT package_digest FROM connector_version WHERE package_digest IS NOT NULL"
    return [row[0] for row in work.db.exec_driver_sql(sql)]


@pytest.fixture
def world(tmp_path: Path, site: Marketplace) -> World:
    books = keep_books(site, tmp_path)
    publish(site, "1.4.0")
    publish(site, "1.5.0", {"memory: 256M": "memory: 255M"})
    crew, fate = site.state.crew, Fate()
    sick = "/api/v1/connectors/bizops/crm-to-slack-v1/versions/1.5.0"
    books.sick.add(site.client.get(sick, headers=site.as_("max")).json()["package_digest"])
    crew.targets["local"] = Doomed(books, fate, ("prepare", "apply", "stop", "remove"), True)
    object.__setattr__(crew, "secrets", Doomed(crew.secrets, fate, ("put", "delete"), False))
    object.__setattr__(crew, "health_seconds", 0.01)
    return World(site, books, fate)


def budgets() -> list[object]:
    """Return how many changes to make, and the points of fate that they must reach."""
    return [
        pytest.param(25, 15, id="some"),
        pytest.param(500, 200, id="many", marks=[pytest.mark.full, pytest.mark.timeout(900)]),
    ]


@pytest.mark.parametrize(("changes", "least"), budgets())
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_whatever_dies_or_fails_each_effect_happens_once_or_is_taken_back(
    world: World, changes: int, least: int
) -> None:
    ends: dict[str, int] = {}
    for number in range(changes):
        world.fate.dice.seed(number)
        change = world.fate.dice.choice(CHANGES)
        before = world.seen()
        operation = world.ask(change)
        if operation:
            ended = world.bring_to_an_end(operation)
            end = f"{ended['kind']} {ended['state']}"
            ends[end] = ends.get(end, 0) + 1
            world.reconcile()
            if ended["state"] == "undone":
                assert world.seen() == before, (number, change)

        assert doubles(world.books.effects()) == [], (number, change)
        assert orphans(world) == [], (number, change)

    LOG.info("%s deaths, %s failures: %s", world.fate.deaths, world.fate.failures, ends)
    assert world.fate.deaths + world.fate.failures >= least
