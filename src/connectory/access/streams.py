"""Server-sent events: what is new, as it comes, for a while."""

import threading
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass

import anyio
from anyio import to_thread
from fastapi import Request
from fastapi.responses import StreamingResponse

from connectory.access import signing_in
from connectory.access.rules import Actor, Role
from connectory.kernel.errors import ConnectoryError
from connectory.work import Works

POLL_S = 0.25
PING_S = 15  # a comment line keeps proxies from closing a silent stream
CHECK_S = 2.0  # between two looks at whether the reader may still read
MOST_S = 600  # then the reader comes back
MOST_DIGITS = 18  # of an event's id: more is none that we gave out


@dataclass(frozen=True, slots=True)
class News:
    """What a look found: the events to send, and whether they are the last ones."""

    events: Iterable[str] = ()
    is_end: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever reads a stream about a team. Their rights can end while it is open."""

    works: Works
    actor: Actor
    team: str
    renew: Callable[[Actor], Actor]  # gives the rights of this moment where others decide

    def may_read(self) -> bool:
        """Whether the credential works still, and its account is in the team."""
        try:
            actor = self.renew(self.actor)
            with self.works.read() as work:
                return signing_in.again(work, actor).has_role(Role.VIEWER, self.team)
        except ConnectoryError:
            return False


def is_stream(path: str) -> bool:
    """Whether the answer at a path is a stream: all such addresses end the same way."""
    return path.startswith("/api/") and path.endswith("/events")


def stream(
    request: Request, by: Actor, team: str, look: Callable[[], News]
) -> StreamingResponse:
    """Answer with what `look` finds about a team, until it says that it is the end.

    The stream ends, too, when the server stops, after `MOST_S`, and at most `CHECK_S` after
    the reader's token, session or membership ended. `look` runs in a thread of its own, one
    call after the other.
    """
    state = request.app.state
    reader = Reader(state.works, by, team, state.renew)
    events = _events(state.stopping, reader, look)
    return StreamingResponse(events, media_type="text/event-stream")


def event(name: str, number: int, text: str) -> str:
    """Write one event. `text` is one line, `number` is where a reader goes on behind it."""
    return f"id: {number}\nevent: {name}\ndata: {text}\n\n"


def number_of(last_event_id: str) -> int | None:
    """Read `Last-Event-ID`; None when it is none that a stream gave out."""
    if last_event_id.isdecimal() and len(last_event_id) <= MOST_DIGITS:
        return int(last_event_id)
    return None


async def _events(
    stopping: threading.Event, reader: Reader, look: Callable[[], News]
) -> AsyncIterator[str]:
    begun = silent_since = checked = anyio.current_time()
    while not stopping.is_set() and (now := anyio.current_time()) < begun + MOST_S:
        if now - checked >= CHECK_S:
            checked = now
            if not await to_thread.run_sync(reader.may_read):
                return
        news = await to_thread.run_sync(look)
        for one in news.events:
            silent_since = now
            yield one
        if news.is_end:
            return
        if now - silent_since >= PING_S:
            silent_since = now
            yield ": still here\n\n"
        await anyio.sleep(POLL_S)
