"""Runs: every execution of a connector, what went in and what came out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict

from connectory.client.instances import LogLine
from connectory.client.transport import Transport, path_of


class RunCard(TypedDict):
    """One run in a list. Times are of its last attempt."""

    id: str
    instance: str
    trigger: str
    path: str
    state: str
    attempts: int
    created_at: str
    due_at: str
    started_at: str | None
    ended_at: str | None
    duration_ms: int | None
    status: int | None
    error: str
    again_of: str | None
    url: str


class RunInput(TypedDict):
    """What went into a run."""

    body: str
    query: dict[str, str]
    content_type: str


class Run(RunCard):
    """One run, whole; input, answer and log are for members of its team."""

    answer: str | None
    input: RunInput | None
    log: list[LogLine]


class Redelivered(TypedDict):
    """How many dead letters are delivered again."""

    redelivered: int


@dataclass(frozen=True, slots=True)
class Runs:
    """The routes under …/runs. Every method raises what `Transport.send` raises."""

    http: Transport

    def list(
        self, team: str, name: str, *, state: str | None = None, trigger: str | None = None
    ) -> Iterator[RunCard]:
        """List the runs of an instance, newest first."""
        return self.http.pages(RunCard, _path(team, name, "runs"), state=state, trigger=trigger)

    def show(self, team: str, name: str, run: str) -> Run:
        """Show one run."""
        return self.http.get(Run, _path(team, name, "runs", run))

    def steer(self, team: str, name: str, run: str, how: str) -> RunCard:
        """Run `again` with the same input, `redeliver` a dead letter, or `discard` a run."""
        return self.http.send(RunCard, "POST", _path(team, name, "runs", f"{run}:{how}"))

    def redeliver_all(self, team: str, name: str) -> Redelivered:
        """Deliver all dead letters of an instance again."""
        return self.http.send(Redelivered, "POST", _path(team, name, "runs:redeliver"))


def _path(team: str, name: str, *more: str) -> str:
    return path_of("teams", team, "instances", name, *more)
