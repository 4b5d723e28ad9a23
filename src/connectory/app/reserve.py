"""Space kept back for the day the disk is full: then people can still sign in and remove.

A file of the data directory holds the space. It is given up as soon as something does not fit,
or by an operator who deletes it. From then on what needs much space is refused, so that the
space is there for what is small and for what frees more. When there is room again the file is
made anew and everything goes on, without a restart.
"""

import logging
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from connectory.gates import disk
from connectory.gates.disk import StorageFullError

LOG = logging.getLogger("connectory.reserve")
NAME = "reserve"
LITTLE = 1_000_000  # bytes; with less free the next change would not fit
GROWS = re.compile(
    r"POST /api/v1/connectors(?::bulk)?|POST /c/.+/(?:install|new-version)"
    r"|POST /new(?:/upload|/[^/]+/(?!delete$|check$)[^/]+(?:/[^/]+)*)?"
    r"|POST /api/v1/connectors/.+:(?:rehearse|try)|POST /c/.+/(?:rehearse|try)"
    r"|PUT /api/v1/teams/[^/]+/instances/[^/]+|POST /api/v1/teams/[^/]+/instances/[^/]+:upgrade"
    r"|POST /hooks/.+|POST (?:/api/v1|/admin)/sources/.+/syncs"
)
"""Publish, install, upgrade, rehearse, try store packages and build environments.

Events have bodies: a caller of a hook that is refused still has its event and sends it later.
Removing does not need space.
"""


@dataclass(slots=True)
class Reserve:
    """A file of `size` bytes in `folder`; a size of 0 keeps nothing back."""

    folder: Path
    size: int
    is_spent: bool = False  # also before there was ever room for it

    def keep(self) -> None:
        """Take the space if there is room for it twice, give it up if there is no other."""
        if self.size == 0:
            return
        free = disk.free_bytes(self.folder)
        if self._is_there():
            self.is_spent = False
            if free < LITTLE:
                self.give_up()
        elif free < 2 * self.size or not self._take():
            self._spend()
        else:
            LOG.info("%s MB are kept back for a full disk", self.size // 1_000_000)
            self.is_spent = False

    def give_up(self) -> None:
        """Free the space: something did not fit."""
        if self.size:
            self._file.unlink(missing_ok=True)
            self._spend()

    def _spend(self) -> None:
        if not self.is_spent:
            LOG.error(
                "the disk of %s is full; nobody can publish, install, upgrade, send events",
                self.folder,
            )
        self.is_spent = True

    @property
    def _file(self) -> Path:
        return self.folder / NAME

    def _is_there(self) -> bool:
        return self._file.is_file() and self._file.stat().st_size == self.size

    def _take(self) -> bool:
        """Allocate the file; it has its full size only when all of it is on the disk."""
        with (
            suppress(StorageFullError),
            disk.writing(self.folder),
            self._file.open("wb") as file,
        ):
            os.posix_fallocate(file.fileno(), 0, self.size)
            return True
        self._file.unlink(missing_ok=True)
        return False


@dataclass(frozen=True, slots=True)
class Brake:
    """ASGI middleware that refuses what needs much space while the reserve is spent."""

    app: ASGIApp
    reserve: Reserve

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or raise StorageFullError."""
        if self.reserve.is_spent and scope["type"] == "http" and _grows(scope):
            raise StorageFullError(self.reserve.folder)
        await self.app(scope, receive, send)


def _grows(scope: Scope) -> bool:
    return GROWS.fullmatch(f"{scope['method']} {scope['path']}") is not None
