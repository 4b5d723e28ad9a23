"""What routes are handed: units of work of this request, and the backends."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response

from connectory.access.rules import Actor
from connectory.work import Origin, Work, Works


def origin_of(request: Request) -> Origin:
    """Return who caused this request, for the audit trail."""
    actor: Actor = request.state.actor
    return Origin(actor.name, actor.via or Origin.NOBODY, request.state.request_id)


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens units of work inside a route.

    For routes that do I/O between several of them, and for the most frequent reads: one that is
    opened for a route costs two more changes of thread.
    """

    works: Works
    origin: Origin

    def write(self) -> AbstractContextManager[Work]:
        """Begin a change."""
        return self.works.write(self.origin)

    def read(self) -> AbstractContextManager[Work]:
        """Begin a view."""
        return self.works.read(self.origin)


def _open_work(request: Request) -> Iterator[Work]:
    with request.app.state.works.write(origin_of(request)) as work:
        yield work


def _read_work(request: Request) -> Iterator[Work]:
    with request.app.state.works.read(origin_of(request)) as work:
        yield work


async def _opener(request: Request) -> Opener:  # it waits for nothing, so it needs no thread
    return Opener(request.app.state.works, origin_of(request))


async def in_turn(request: Request, answer: Callable[[], Response]) -> Response:
    """Let a frequent read be answered by the few threads for these, after those before it.

    Reads that run at once take the interpreter from each other, and all of them longer.
    """
    readers: Executor = request.app.state.readers
    return await asyncio.get_running_loop().run_in_executor(readers, answer)


# `scope="function"` commits before the answer is sent: an acknowledged change is durable.
OpenWork = Annotated[Work, Depends(_open_work, scope="function")]
ReadWork = Annotated[Work, Depends(_read_work, scope="function")]
Opening = Annotated[Opener, Depends(_opener)]
