"""What versions and instances used beside what they declare."""

from dataclasses import dataclass
from typing import TypedDict

from connectory.client.transport import Transport, path_of


class Item(TypedDict):
    """Something that is declared, or was wanted, and what became of it."""

    what: str
    name: str
    verdict: str
    detail: str


class Narrower(TypedDict):
    """The manifest of the next version, without what was never used."""

    version: str
    without_hosts: list[str]
    without_secrets: list[str]
    memory: str
    before: str
    manifest: str


class Observation(TypedDict):
    """What was used, by how many instances, since when."""

    connector: str
    version: str
    instances: int
    since: str | None
    seen_at: str | None
    running_s: float
    is_enough: bool
    cpu_s: float
    memory_peak: int
    memory_declared: int | None
    cold_start_ms: int | None
    items: list[Item]
    questions: list[str]
    narrower: Narrower | None
    why_not: str


@dataclass(frozen=True, slots=True)
class Observed:
    """The routes of what was observed. Every method raises what `Transport.send` raises."""

    http: Transport

    def of_version(self, path: str, version: str, *, early: bool) -> Observation:
        """Say what all instances of a version used; `path` is that of its connector."""
        whole = f"{path}{path_of('versions', version)}/observed"
        return self.http.get(Observation, whole, early=_flag(early=early))

    def of_instance(self, team: str, name: str, *, early: bool) -> Observation:
        """Say what an instance has used so far."""
        path = f"{path_of('teams', team, 'instances', name)}/observed"
        return self.http.get(Observation, path, early=_flag(early=early))


def _flag(*, early: bool) -> str:
    return "true" if early else "false"
