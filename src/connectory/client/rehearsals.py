"""Rehearsing the removal of versions, their certificates, and trying them."""

from dataclasses import dataclass
from typing import TypedDict

from connectory.client.catalog import Reference
from connectory.client.transport import Transport, path_of


class Begun(TypedDict):
    """The operation that rehearses a release."""

    operation: str
    digest: str


class Thing(TypedDict):
    """Something that was left behind."""

    kind: str
    name: str


class Played(TypedDict):
    """How an example went."""

    name: str
    path: str
    status: int
    arrived: int


class Certificate(TypedDict):
    """What a rehearsal found, signed."""

    connector: str
    version: str
    digest: str
    at: str
    by: str
    target: str
    contained: bool
    examples: list[Played]
    retained: list[Thing]
    findings: list[Thing]
    clean: bool
    signature: str
    key: str


class Arrival(TypedDict):
    """What a stand-in accepted."""

    standin: str
    content: dict[str, object]


class Line(TypedDict):
    """A line that the connector wrote."""

    ts: str
    level: str
    message: str


class Tried(TypedDict):
    """What came of an example."""

    example: str
    trigger: str
    event: dict[str, object]
    status: int
    output: object
    arrived: list[Arrival]
    logs: list[Line]
    contained: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Rehearsals:
    """The routes about one version; references have namespace and version.

    Every method raises what `Transport.send` raises.
    """

    http: Transport

    def rehearse(self, version: Reference) -> Begun:
        """Begin to rehearse the removal of a version, or find the rehearsal that goes on."""
        return self.http.send(Begun, "POST", f"{_path(version)}:rehearse")

    def certificate(self, version: Reference) -> Certificate:
        """Read the newest removal certificate of a version."""
        return self.http.get(Certificate, f"{_path(version)}/certificate")

    def try_(self, version: Reference) -> Tried:
        """Run the first example of a version, and wait for what comes of it."""
        return self.http.send(Tried, "POST", f"{_path(version)}:try")


def _path(version: Reference) -> str:
    return f"{version.path}{path_of('versions', version.version)}"
