"""Server-sent events: what is new, as it comes, for a while."""

import threading
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass

import anyio
from anyio import to_thread
from fastapi.responses import StreamingResponse

POLL_S = 0.25
PING_S = 15  # a comment line keeps proxies from closing a silent stream
MOST_S = 600  # then the reader comes back, and shows again who they are
MOST_DIGITS = 18  # of an event's id: more is none that we gave out


@dataclass(frozen=True, slots=True)
class News:
    """What a look found: the events to send, and whether they are the last ones."""

    events: Iterable[str] = ()
    is_end: bool = False


def is_stream(path: str) -> bool:
    """Whether the answer at a path is a stream: all such addresses end the same way."""
    return path.startswith("/api/") and path.endswith("/events")


def stream(stopping: threading.Event, look: Callable[[], News]) -> StreamingResponse:
    """Answer with what `look` finds, until it says that it is the end or the server stops.

    No stream is longer than `MOST_S`, because the rights of its reader are checked when it
    begins. `look` runs in a thread of its own, one call after the other.
    """
    return StreamingResponse(_events(stopping, look), media_type="text/event-stream")


def event(name: str, number: int, text: str) -> str:
    """Write one event. `text` is one line, `number` is where a reader goes on behind it."""
    return f"id: {number}\nevent: {name}\ndata: {text}\n\n"


def number_of(last_event_id: str) -> int | None:
    """Read `Last-Event-ID`; None when it is none that a stream gave out."""
    if last_event_id.isdecimal() and len(last_event_id) <= MOST_DIGITS:
        return int(last_event_id)
    return None


async def _events(stopping: threading.Event, look: Callable[[], News]) -> AsyncIterator[str]:
    end = anyio.current_time() + MOST_S
    silent_since = anyio.current_time()
    while not stopping.is_set() and (now := anyio.current_time()) < end:
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
