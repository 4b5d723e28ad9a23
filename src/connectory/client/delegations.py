"""Who decides in reviews for whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict

from connectory.client.transport import Transport, path_of


class Delegation(TypedDict):
    """One account decides for another in a role until a certain time."""

    id: str
    by: str
    to: str
    role: str
    tag: str
    risk: str
    made_at: str
    ends_at: str
    in_force: bool


@dataclass(frozen=True, slots=True)
class Delegations:
    """The routes under /delegations. Every method raises what `Transport.send` raises."""

    http: Transport

    def list(self) -> Iterator[Delegation]:
        """List what the caller delegated and got."""
        return self.http.pages(Delegation, "/delegations")

    def add(self, to: str, role: str, *, days: int, tag: str, risk: str) -> Delegation:
        """Let another account decide in a role of one's own."""
        body = {"to": to, "role": role, "days": days, "tag": tag, "risk": risk}
        return self.http.send(Delegation, "POST", "/delegations", body=body)

    def revoke(self, delegation: str) -> None:
        """End a delegation before its time."""
        self.http.tell_to("DELETE", path_of("delegations", delegation))
