"""What routes are handed: units of work of this request, and the backends."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from connectory.access.rules import Actor
from connectory.work import Origin, Work, Works


def origin_of(request: Request) -> Origin:
    """Return who caused this request, for the audit trail."""
    actor: Actor = request.state.actor
    return Origin(actor.name, actor.via or Origin.NOBODY, request.state.request_id)


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens several units of work in one request, for routes that do I/O between them."""

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


def _opener(request: Request) -> Opener:
    return Opener(request.app.state.works, origin_of(request))


# `scope="function"` commits before the answer is sent: an acknowledged change is durable.
OpenWork = Annotated[Work, Depends(_open_work, scope="function")]
ReadWork = Annotated[Work, Depends(_read_work, scope="function")]
Opening = Annotated[Opener, Depends(_opener)]
