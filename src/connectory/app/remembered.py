"""Answers of the most frequent reads, kept as the bytes they were sent as.

What is kept is for the one credential that asked, and good until the next change that this
process commits, whatever it changes, or until the search index moves on. One process serves a
database, so a status that was decided and a role that was taken away count from the next
request on. What stands before this layer still counts: the gate has authenticated the request.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectory.access.rules import Actor
from connectory.work import Works

READS = re.compile(r"/api/v1/connectors(/[^/]+/[^/]+)?")
"""A search of the catalog, and one connector: what they answer is in the database and index."""

MOST = 1_000  # answers; then all are forgotten
MOST_BYTES = 32_000  # of an answer
OK = 200

Key = tuple[str, str, str, bytes]


@dataclass(slots=True)
class _State:
    """The answers that are good while the database and the index are as they were."""

    mark: object
    generation: str
    answers: dict[Key, tuple[Message, Message]] = field(default_factory=dict)


@dataclass(slots=True)
class Remembered:
    """ASGI middleware behind the gate. `generation` names the state of the search index."""

    app: ASGIApp
    works: Works
    generation: Callable[[], str]
    _state: _State = field(init=False)

    def __post_init__(self) -> None:
        self._state = _State(self.works.latest.mark, self.generation())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if not _is_frequent(scope):
            await self.app(scope, receive, send)
            return
        state, key = self._now(), _key(scope)
        kept = state.answers.get(key)
        if kept is None:
            await self.app(scope, receive, _Keeping(send, state, key).send)
            return
        start, body = kept
        await send({**start, "headers": list(start["headers"])})
        await send(body)

    def _now(self) -> _State:
        """Return what is kept of the present state, taken before anything is read of it."""
        mark, generation = self.works.latest.mark, self.generation()
        if self._state.mark is not mark or self._state.generation != generation:
            self._state = _State(mark, generation)
        return self._state


@dataclass(slots=True)
class _Keeping:
    """A `send` that keeps a good answer which comes in one piece."""

    out: Send
    state: _State
    key: Key
    _start: Message = field(default_factory=dict)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = {**message, "headers": list(message["headers"])}
        elif self._start.get("status") == OK and _is_small_and_whole(message):
            if len(self.state.answers) >= MOST:
                self.state.answers.clear()
            self.state.answers[self.key] = (self._start, message)
        await self.out(message)


def _is_frequent(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and READS.fullmatch(scope["path"]) is not None
    )


def _key(scope: Scope) -> Key:
    actor: Actor = scope["state"]["actor"]
    return actor.via, actor.session, scope["path"], scope["query_string"]


def _is_small_and_whole(message: Message) -> bool:
    return not message.get("more_body", False) and len(message["body"]) <= MOST_BYTES
