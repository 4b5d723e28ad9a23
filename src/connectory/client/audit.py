"""The audit log of a server."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict

from connectory.client.transport import Transport, path_of


class AuditEntry(TypedDict):
    """One line of the audit log."""

    id: str
    position: int
    kind: str
    subject: str
    team: str
    actor: str
    at: str
    facts: dict[str, object]


class Broken(TypedDict):
    """Where the audit log stops adding up."""

    position: int
    event: str
    reason: str


class AuditVerdict(TypedDict):
    """Whether the audit log is whole."""

    state: str
    entries: int
    head: int
    chain: str
    broken: Broken | None


@dataclass(frozen=True, slots=True)
class Audit:
    """The routes under /audit. Every method raises what `Transport.send` raises."""

    http: Transport

    def list(self, team: str = "", *, after: int = 0) -> Iterator[AuditEntry]:
        """Read the log behind a position, of a team or, as an admin, of everything."""
        path = path_of("teams", team, "audit") if team else "/audit"
        return self.http.pages(AuditEntry, path, continues="after", after=after)

    def verify(self) -> AuditVerdict:
        """Let the server recompute the chain of the whole log."""
        return self.http.get(AuditVerdict, "/audit/verify")
