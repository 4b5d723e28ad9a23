"""Instances that report what a test says, and the background work that looks at them.

They are rows and answers, no processes: a test of a month takes no longer than one of a minute.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from sqlalchemy import select

from connectory.backends.targets import Answer, InstanceUnreachableError, Observed, Phase
from connectory.catalog.rules import Name
from connectory.instances import read as instances
from connectory.instances import store as instance_store
from connectory.instances.rules import InstanceState
from connectory.instances.store import Instance
from connectory.instances.watch import Watch
from connectory.kernel import clock
from connectory.kernel.clock import now
from connectory.monitoring import read, store
from connectory.monitoring.read import Span
from connectory.monitoring.scraper import Scraper, Seen
from connectory.monitoring.store import Row
from connectory.settings import Settings
from connectory.work import Works, log
from marketplaces import wait_until

INSTANCE = Instance(
    id="inst_LEADS",
    team="payments",
    name="leads",
    connector=Name("bizops", "crm-to-slack-v1"),
    version="1.3.0",
    digest="sha256:1",
    package_digest="sha256:2",
    environment="dev",
    target="local",
    region="",
    state=InstanceState.RUNNING,
    generation=1,
    settings={},
    secrets={},
    content="",
    created_at=now(),
    created_by="max",
)


class Reporting:
    """A target whose instances report `numbers`; what it is like otherwise is `seen`."""

    def __init__(self) -> None:
        self.numbers = ""
        self.health = 200
        self.seen = Observed(Phase.RUNNING, 1)

    def observe(self, instance: str) -> Observed:  # noqa: ARG002  all are alike
        return self.seen

    def call(self, instance: str, method: str, path: str, **_: object) -> Answer:  # noqa: ARG002
        if self.seen.phase is not Phase.RUNNING:
            raise InstanceUnreachableError(instance, "it has no process")
        if path == "/metrics":
            return Answer(200, "text/plain", self.numbers.encode())
        return Answer(self.health, "text/plain", b"no token" if self.health > 200 else b"ok")


class Monitored:
    """Instances over time. `scrape` and `look` are turns of the background work."""

    def __init__(self, works: Works, **settings: object) -> None:
        self.works = works
        self.target = Reporting()
        self.settings = replace(Settings(data=Path("/nowhere")), **settings)
        self.pushed: list[Seen] = []
        self.ahead = timedelta(0)  # of the real clock, for the watch
        self.now = clock.now() - timedelta(hours=2)
        self.crew = SimpleNamespace(works=works, target=lambda _: self.target)
        self.start()
        self.scraper.turn()  # what is there when a server starts is asked with a delay
        self.add(INSTANCE)

    def start(self) -> None:
        """Begin as a server does that was started anew."""
        self.watch = Watch(self.crew, lambda: clock.now() + self.ahead)  # type: ignore[arg-type]  # as far as it is used
        self.scraper = Scraper(
            self.crew,  # type: ignore[arg-type]
            self.watch,
            self.settings,
            lambda: self.now,
            self.pushed.extend,
        )

    def add(self, one: Instance) -> None:
        with self.works.write() as work:
            instance_store.add(work, one)

    def set_state(self, state: InstanceState) -> None:
        with self.works.write() as work:
            instance_store.set_state(work, INSTANCE.id, state)

    def scrape(self, numbers: str, seconds: float = 30) -> None:
        """Let time pass, then let the background work read these numbers."""
        self.now += timedelta(seconds=seconds)
        self.target.numbers = numbers
        self.scraper.turn()

    def look(self, until: Callable[[], bool] = lambda: True) -> None:
        """Look at all instances until something was seen."""

        def seen() -> bool:
            with self.works.read() as work:
                wanted = instances.Wanted(states=frozenset({InstanceState.RUNNING}))
                found = instances.instances(work, wanted)
            self.watch.look(found)
            return until()

        wait_until(seen)

    def health(self) -> instances.Health | None:
        """Return what is kept of the health of the instance."""
        with self.works.read() as work:
            return instances.kept_health(work, [INSTANCE]).get(INSTANCE.id)

    def status(self) -> str:
        kept = self.health()
        return kept.status if kept else ""

    def changes(self) -> list[tuple[object, object]]:
        """Return the changes of health that were told, oldest first."""
        with self.works.read() as work:
            found = list(log.rows(work.db, select(log.EVENTS).order_by(log.EVENTS.c.seq)))
        return [
            (one.facts["before"], one.facts["status"])
            for one in found
            if one.kind == "InstanceHealthChanged"
        ]

    def rows(self, step: int = 0) -> list[Row]:
        with self.works.read() as work:
            return store.rows(work, step, 0, 2**31)

    def line(self, name: str, since: datetime | None = None, step: int = 30) -> list[float]:
        """Return the kept values of a series."""
        with self.works.read() as work:
            span = Span(since or self.now - timedelta(hours=1), step)
            found = read.lines(work, INSTANCE.id, span, self.settings)
        return [point.value for one in found if one.name == name for point in one.points]
