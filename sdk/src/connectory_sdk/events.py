"""What a trigger hands to the connector, and how the connector can say no."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar

Wanted = TypeVar("Wanted")


class RefusedError(Exception):
    """The event is wrong; sending it again will fail again. Answered with a 4xx status."""

    def __init__(
        self, message: str, *, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
    ) -> None:
        super().__init__(message)
        self.status = status


class TryLaterError(Exception):
    """It cannot be done now; sending it again can work. Answered with 503 and Retry-After."""

    def __init__(self, message: str, *, after_s: int = 5) -> None:
        super().__init__(message)
        self.after_s = after_s


@dataclass(frozen=True, slots=True)
class Event:
    """One thing to do. `deadline` is the `time.monotonic()` after which nobody waits for it."""

    trigger: str  # the path of the webhook, `manual` or `schedule`
    body: object  # parsed JSON; an empty body is an empty map
    query: Mapping[str, str] = field(default_factory=dict)
    deadline: float = field(default_factory=lambda: time.monotonic() + 30)
    run: str = ""  # the same whenever the platform delivers the same event again
    attempt: int = 1  # of that run
    planned: datetime | None = None  # of a schedule: the aware time for which it was planned

    def remaining_s(self) -> float:
        """Return the seconds that are left, at least 0: a good timeout for the next call."""
        return max(0.0, self.deadline - time.monotonic())

    def field(self, name: str, kind: type[Wanted], default: Wanted | None = None) -> Wanted:
        """Return a field of the body; without a default it must be there.

        Raises:
            RefusedError: If the body is no map, or the field is missing, empty, or not of
                this kind.
        """
        if not isinstance(self.body, Mapping):
            raise RefusedError("the body must be a JSON object")
        value = self.body.get(name)
        if value is None and default is not None:
            return default
        is_number_but_flag = isinstance(value, bool) and kind is not bool
        if not isinstance(value, kind) or is_number_but_flag or value == "":
            raise RefusedError(f"{name} must be a {kind.__name__} that is not empty")
        return value


def planned_in(body: object) -> datetime:
    """Return the time for which a scheduled run was planned.

    Raises:
        RefusedError: If the body does not say it.
    """
    text = body.get("planned") if isinstance(body, Mapping) else None
    try:
        planned = datetime.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        planned = None
    if planned is None or planned.tzinfo is None:
        raise RefusedError("`planned` must be a time with its offset: 2026-11-24T07:00:00Z")
    return planned
