"""Operations: changes of the world, watched while they go on."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypedDict, cast

from connectory.client.transport import Transport, path_of

FINAL = frozenset({"succeeded", "failed", "undone", "cancelled"})


class Step(TypedDict):
    """A step of an operation."""

    name: str
    title: str
    state: str
    started: str | None
    ended: str | None
    detail: str | None


class OperationFailure(TypedDict):
    """Why an operation did not succeed."""

    code: str
    message: str
    hint: str


class OperationCard(TypedDict):
    """One change of the world in a list; `instance` is `team/name`."""

    id: str
    kind: str
    state: str
    instance: str
    team: str
    usable: bool
    error: OperationFailure | None
    created_at: str
    ended_at: str | None
    by: str


class Operation(OperationCard):
    """One change of the world and how far it is."""

    steps: list[Step]


@dataclass(frozen=True, slots=True)
class Operations:
    """The routes under /operations. Every method raises what `Transport.send` raises."""

    http: Transport

    def list(
        self,
        *,
        team: str | None = None,
        state: str | None = None,
        kind: str | None = None,
        instance: str | None = None,
    ) -> Iterator[OperationCard]:
        """List operations, newest first, of the caller's teams or those that fit."""
        return self.http.pages(
            OperationCard, "/operations", team=team, state=state, kind=kind, instance=instance
        )

    def show(self, operation_id: str) -> Operation:
        """Show an operation and its steps."""
        return self.http.get(Operation, path_of("operations", operation_id))

    def steer(self, operation_id: str, how: str) -> Operation:
        """Ask to `cancel` an operation, or to `undo` one that succeeded."""
        return self.http.send(Operation, "POST", path_of("operations", f"{operation_id}:{how}"))

    def retry(
        self, operation_id: str, inputs: Mapping[str, object], secrets: Mapping[str, str]
    ) -> Operation:
        """Ask to try again one that ended without success, with other settings if given."""
        path = path_of("operations", f"{operation_id}:retry")
        body = {"inputs": dict(inputs), "secrets": dict(secrets)}
        return self.http.send(Operation, "POST", path, body=body)

    def follow(self, operation_id: str, *, timeout_s: float) -> Iterator[Operation]:
        """Give the operation each time it changes; ends with its final state or the time."""
        path = f"{path_of('operations', operation_id)}/events"
        for event in self.http.events(path, timeout_s=timeout_s):
            if event.name == "operation":
                seen = cast(Operation, json.loads(event.data))
                yield seen
                if seen["state"] in FINAL:
                    return
