"""Instances with schedules, a clock that is set by hand, and connectors that always succeed."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from connectory.catalog.read import VersionMissingError
from connectory.catalog.rules import Name
from connectory.instances import store as instance_store
from connectory.instances.read import Instance
from connectory.instances.rules import InstanceState
from connectory.manifest.loader import load
from connectory.runs import queue_store
from connectory.runs.rules import Held, Outcome, RunState, Taking
from connectory.schedules import store
from connectory.schedules.turn import Timekeeper
from connectory.work import Work, Works

BRIEF = (Path(__file__).parent / "manifest" / "examples" / "brief.yaml").read_text()
START = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)


def at(clock: str, day: int = 24) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day:02d}T{clock}").replace(tzinfo=UTC)


def written(tick: datetime) -> str:
    return f"{tick:%d %H:%M}"


@dataclass
class Times:
    """Instances of one database, seen by one process whose clock shows `moment`."""

    works: Works
    moment: datetime = START
    ran: list[str] = field(default_factory=list)  # planned times, `24 07:00`
    _manifests: dict[str, object] = field(default_factory=dict)  # by digest

    def __post_init__(self) -> None:
        self.works = Works(self.works.engine, lambda: self.moment, lambda: None)
        self.restart()

    def restart(self) -> None:
        """Begin with a timekeeper that remembers nothing."""
        launcher = SimpleNamespace(version_of=self.version_of)
        crew = SimpleNamespace(works=self.works, launcher=launcher)
        self.timekeeper = Timekeeper(crew)  # type: ignore[arg-type]  # what it uses of a crew

    def version_of(self, _: Work, one: Instance) -> object:
        if one.digest not in self._manifests:
            raise VersionMissingError(one.connector, one.version, ())
        return SimpleNamespace(manifest=self._manifests[one.digest])

    def see(self, clock: str, day: int = 24, *, deliver: bool = True) -> None:
        """Set the clock, let the timekeeper look, and deliver what it has put in line."""
        self.moment = at(clock, day)
        self.timekeeper.turn()
        if deliver:
            self.deliver()

    def install(self, *triggers: str, name: str = "inst_1") -> str:
        """Add a running instance of a version with these triggers; return its id."""
        digest = self.version(*triggers)
        with self.works.write() as work:
            instance_store.add(work, instance(name, digest))
        self.timekeeper.turn()
        return name

    def version(self, *triggers: str) -> str:
        """Make a version with these triggers; return its digest."""
        loaded = load(f"{BRIEF}triggers: [{', '.join(triggers)}]\n".encode())
        self._manifests[loaded.digest] = loaded.manifest
        return loaded.digest

    def change(self, name: str, digest: str) -> None:
        """Let an instance run another version."""
        with self.works.write() as work:
            one = instance_store.locked(work, name)
            instance_store.change_setup(work, instance(name, digest, one.state))
        self.timekeeper.turn()

    def turn_to(self, name: str, state: InstanceState) -> None:
        with self.works.write() as work:
            instance_store.set_state(work, name, state)
        self.timekeeper.turn()

    def deliver(self) -> None:
        """Let every run that waits succeed."""
        with self.works.write() as work:
            for name in queue_store.wanting(work):
                taking = Taking(instance_store.locked(work, name), 9)
                due = queue_store.due(work, name, 9)
                for held in queue_store.take(work, taking, due, timedelta(minutes=1)):
                    queue_store.end(work, held, Outcome(RunState.SUCCEEDED))
                    self.ran.append(written(planned(held)))

    def skipped(self, name: str = "inst_1") -> list[str]:
        """Return what had no run, `missed 24 07:00 to 24 09:00`, oldest first."""
        with self.works.read() as work:
            return [
                f"{each.reason} {written(each.first)} to {written(each.last)}"
                for schedule in store.of_instance(work, name)
                for each in reversed(store.skips(work, name, schedule, limit=9))
            ]

    def ask(self, question: Callable[[Work], object]) -> object:
        with self.works.read() as work:
            return question(work)


def planned(held: Held) -> datetime:
    return datetime.fromisoformat(json.loads(held.body)["planned"])


def instance(name: str, digest: str, state: InstanceState = InstanceState.RUNNING) -> Instance:
    return Instance(
        id=name,
        team="payments",
        name=name.replace("_", "-"),
        connector=Name("bizops", "crm-to-slack-v1"),
        version="1.2.0",
        digest=digest,
        package_digest="sha256:any",
        environment="dev",
        target="local",
        region="",
        state=state,
        generation=1,
        settings={},
        secrets={},
        content="",
        created_at=START,
        created_by="max",
    )
