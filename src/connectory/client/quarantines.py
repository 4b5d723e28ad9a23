"""The quarantine of versions."""

from dataclasses import dataclass
from typing import TypedDict

from connectory.client.catalog import Reference
from connectory.client.transport import Transport, path_of


class Affected(TypedDict):
    """An instance of a version, and the accounts that own its team."""

    team: str
    name: str
    state: str
    owners: list[str]
    url: str


class Quarantine(TypedDict):
    """Whether a version is quarantined: by whom, since when, why, and the instances of it."""

    version: str
    digest: str
    status: str
    reason: str
    by: str
    at: str
    stopped: bool
    instances: list[Affected]


@dataclass(frozen=True, slots=True)
class Quarantines:
    """The routes of quarantines. Every method raises what `Transport.send` raises."""

    http: Transport

    def show(self, version: Reference) -> Quarantine:
        """Say whether a version is quarantined."""
        return self.http.get(Quarantine, _path(version))

    def begin(self, version: Reference, reason: str) -> Quarantine:
        """Stop a version and all that runs it."""
        return self.http.send(Quarantine, "POST", _path(version), body={"reason": reason})

    def lift(self, version: Reference, reason: str) -> Quarantine:
        """Let a version have its status again."""
        return self.http.send(Quarantine, "DELETE", _path(version), body={"reason": reason})


def _path(version: Reference) -> str:
    return f"{version.path}{path_of('versions', version.version)}/quarantine"
