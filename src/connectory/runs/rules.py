"""What a run is, how it ends, and when it is tried again. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import ClassVar

from connectory.backends.targets import Answer
from connectory.instances.read import Instance
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.secret import Secret
from connectory.kernel.texts import storable

PAUSES_S = (1, 5, 30, 120, 600, 1800, 3600)  # before the next attempt; the last one repeats
HELD_BACK_S = 0.2  # while the process of an instance is away
LONGEST_ANSWER = 4_096  # characters of an answer that are kept
MASK, SHORTEST_SECRET = "***", 6  # characters; a shorter one is part of ordinary words
ANSWERED_LATER = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)
"""Refusals of the moment: the same event can be accepted later."""


class Trigger(StrEnum):
    """What began a run."""

    WEBHOOK = "webhook"
    SCHEDULE = "schedule"
    MANUAL = "manual"
    TRY = "try"


class RunState(StrEnum):
    """Where a run stands."""

    WAITING = "waiting"
    RUNNING = "running"
    FAILED = "failed"  # will be tried again
    SUCCEEDED = "succeeded"
    DEAD = "dead"  # failed too often
    REFUSED = "refused"  # the connector will never accept it
    CANCELLED = "cancelled"


OPEN = frozenset({RunState.WAITING, RunState.RUNNING, RunState.FAILED})
ONE_ATTEMPT = frozenset({Trigger.MANUAL, Trigger.TRY})
"""Somebody sees how it went and decides whether to run it again."""
DEAD_LETTERS = frozenset({RunState.DEAD, RunState.REFUSED})


class RunMissingError(ConnectoryError):
    """The instance has no such run, or it is older than runs are kept."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "run-missing"

    def __init__(self, run: str, label: str) -> None:
        super().__init__(
            f"{label} has no run {run[:40]}",
            hint=f"list them with `connectory runs list {label}`",
        )


class RunStateError(ConnectoryError):
    """A run is in a state that does not allow this change."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "run-state"

    def __init__(self, run: str, state: RunState, change: str) -> None:
        super().__init__(
            f"{run} is {state}, so it cannot be {change}",
            hint="dead letters (dead, refused) can be redelivered or discarded, waiting runs "
            "discarded; any run can be run again with `connectory runs again`",
            state=str(state),
        )


@dataclass(frozen=True, slots=True)
class Request:
    """A call of a connector that is wanted.

    `key` is unique within the instance, so that the same one twice is one run; an empty one is
    no key. `due` is when it may begin; None means now.
    """

    instance: str  # inst_…
    trigger: str
    path: str  # what is called on the connector: `/lead`, `/run`
    body: bytes
    query: Mapping[str, str]
    key: str = ""
    due: datetime | None = None
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run as it is now. `started_at` and `ended_at` are of its last attempt."""

    id: str
    instance: str
    trigger: Trigger
    path: str
    state: RunState
    attempts: int
    created_at: datetime
    due_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    status: int | None  # HTTP, what the connector answered last
    answer: str | None
    error: str
    log_from: int | None
    log_to: int | None
    again_of: str | None

    @property
    def duration_ms(self) -> int | None:
        """How long the last attempt took."""
        if self.started_at is None or self.ended_at is None:
            return None
        return int((self.ended_at - self.started_at) / timedelta(milliseconds=1))


@dataclass(frozen=True, slots=True)
class Taking:
    """An instance that takes runs now, and how many at once."""

    instance: Instance
    most: int


@dataclass(frozen=True, slots=True)
class Held:
    """A run that this process delivers. `fence` grows each time somebody takes the run."""

    id: str
    taking: Taking
    trigger: Trigger
    path: str
    body: bytes
    query: Mapping[str, str]
    content_type: str
    attempts: int  # with this one
    fence: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended. `pause` is set when the run is not over: until the next attempt.

    `is_counted` is false when the attempt was none, because nobody was asked.
    `shown` is what is kept of the answer. The instance wrote its log between the cursors
    `log_from` and `log_to` meanwhile.
    """

    state: RunState
    error: str = ""
    answer: Answer | None = None
    pause: timedelta | None = None
    is_counted: bool = True
    shown: str | None = None
    log_from: int | None = None
    log_to: int | None = None


def judged(answer: Answer, held: Held, most: int, luck: float) -> Outcome:
    """Judge an answer of a connector: done, refused for ever, or failed for now.

    Args:
        answer: Of the connector.
        held: The run that it was called with.
        most: Attempts after which a run is given up.
        luck: From 0 to 1; spreads what failed together.
    """
    if answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return Outcome(RunState.SUCCEEDED, answer=answer)
    said = f"the connector answered {answer.status}"
    is_refusal = answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
    if is_refusal and answer.status not in ANSWERED_LATER:
        return Outcome(RunState.REFUSED, said, answer)
    return failed(said, held, most, luck, answer)


def failed(
    error: str, held: Held, most: int, luck: float, answer: Answer | None = None
) -> Outcome:
    """Say what comes after a failure that may pass: another attempt, or the dead letters."""
    if held.trigger in ONE_ATTEMPT or held.attempts >= most:
        return Outcome(RunState.DEAD, error, answer)
    asked_s = answer.retry_after_s if answer and answer.retry_after_s else 0
    pause_s = max(asked_s, PAUSES_S[min(held.attempts, len(PAUSES_S)) - 1])
    pause = timedelta(seconds=pause_s * (1 + luck / 4))
    return Outcome(RunState.FAILED, error, answer, pause)


def held_back(reason: str) -> Outcome:
    """Let a run wait because the process of its instance is not there, or being changed."""
    pause = timedelta(seconds=HELD_BACK_S)
    return Outcome(RunState.WAITING, reason, pause=pause, is_counted=False)


def shown(body: bytes, hidden: Iterable[Secret]) -> str:
    """Return the part of an answer that is kept, without the secrets of its instance."""
    text = body[: 2 * LONGEST_ANSWER].decode("utf-8", "replace")
    for secret in hidden:
        if len(value := secret.reveal()) >= SHORTEST_SECRET:
            text = text.replace(value, MASK)
    return storable(text[:LONGEST_ANSWER])


def shares(wanting: Mapping[str, int], busy: Mapping[str, int], room: int) -> dict[str, int]:
    """Divide free places among instances: one each, beginning with those that have the fewest.

    Args:
        wanting: Places that each instance may have in all.
        busy: Places that each instance has now.
        room: Free places.
    """
    has = {one: busy.get(one, 0) for one in wanting}
    given = dict.fromkeys(wanting, 0)
    for _ in range(room):
        open_to = [one for one in wanting if has[one] < wanting[one]]
        if not open_to:
            break
        least = min(open_to, key=has.__getitem__)
        given[least] += 1
        has[least] += 1
    return {one: number for one, number in given.items() if number}
