"""Try a version: run its first example in a throw-away marketplace, and show what happened."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectory.access.limits import Buckets
from connectory.access.rules import Actor, Role
from connectory.backends.blobs import Blobs
from connectory.backends.targets import LogLine
from connectory.catalog.read import Version
from connectory.catalog.rules import Status
from connectory.kernel.clock import now
from connectory.kernel.errors import ConnectoryError
from connectory.kernel.ids import new_id
from connectory.rehearsals import examples
from connectory.rehearsals.rules import (
    Example,
    NothingToRunError,
    TryBusyError,
    TryNotApprovedError,
    TryUncontainedError,
)
from connectory.rehearsals.throwaway import Answered, Goods, Stay, Throwaways
from connectory.work import Event, Work

SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class VersionTried(Event):
    """Somebody let the first example of a version run in a throw-away marketplace."""

    digest: str
    example: str
    status: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What went in and what came of it."""

    example: Example
    answered: Answered
    logs: tuple[LogLine, ...]
    standins: tuple[str, ...]
    contained: bool
    seconds: float


def note(work: Work, version: Version, tried: Tried) -> None:
    """Record that somebody tried a version, and what it answered."""
    release, answered = version.release, tried.answered
    work.emit(
        VersionTried(
            release.label, version.team, release.digest, tried.example.name, answered.status
        )
    )


class Tries:
    """Runs examples for whoever looks at a connector: few at once, and not too often.

    Args:
        blobs: Where the packages are.
        scratch: For files on their way.
        throwaways: Makes the marketplaces.
        most: At once, for all callers together; one caller has one.
        per_hour: For one caller; 0 is no limit.
        uncontained: Whether to run connectors that nothing contains.
    """

    def __init__(
        self,
        blobs: Blobs,
        scratch: Path,
        throwaways: Throwaways,
        *,
        most: int,
        per_hour: int,
        uncontained: bool,
    ) -> None:
        self._blobs = blobs
        self._scratch = scratch
        self._throwaways = throwaways
        self._most = most
        self._buckets = Buckets("tries", per_hour, per="hour")
        self._uncontained = uncontained
        self._callers: set[str] = set()
        self._lock = threading.Lock()

    def obstacle(self, version: Version, by: Actor) -> ConnectoryError | None:
        """Return why somebody cannot try a version here, None if nothing keeps them from it."""
        release = version.release
        is_own = release.status is Status.DRAFT and by.has_role(Role.MEMBER, version.team)
        if release.package_digest is None:
            return NothingToRunError(release.label, "package")
        if release.status is not Status.APPROVED and not is_own:
            return TryNotApprovedError(release.label, release.status)
        if not (self._throwaways.is_contained or self._uncontained):
            return TryUncontainedError()
        return None

    def run(self, version: Version, goods: Goods, by: Actor, caller: str) -> Tried:
        """Run the first example of a version. `caller` is who is counted.

        Raises:
            NothingToRunError, TryNotApprovedError, TryUncontainedError: If it cannot be.
            TryBusyError, RateLimitedError: If the caller, or all, try too much.
            ThrowawayFailedError, ThrowawayLateError: If it did not get as far as an answer.
        """
        obstacle = self.obstacle(version, by)
        if obstacle is not None:
            raise obstacle
        with self._one(caller):
            self._count(caller)
            found = examples.read(self._blobs, goods.package, self._scratch)
            if not found:
                raise NothingToRunError(version.release.label, "example")
            return self._run(version, goods, found[0])

    def _run(self, version: Version, goods: Goods, example: Example) -> Tried:
        key, began = new_id("try"), now()
        try:
            throwaway = self._throwaways.open(key, goods)
            stay = Stay.of(throwaway, goods, version.manifest, SECONDS)
            stay.give_secrets()
            stay.install()
            answered = stay.play(example)
            logs = stay.logs()
        finally:
            self._throwaways.close(key)
        return Tried(
            example=example,
            answered=answered,
            logs=logs,
            standins=tuple(throwaway.standins),
            contained=throwaway.target.is_contained,
            seconds=(now() - began).total_seconds(),
        )

    @contextmanager
    def _one(self, caller: str) -> Iterator[None]:
        with self._lock:
            if caller in self._callers:
                raise TryBusyError("you are")
            if len(self._callers) >= self._most:
                raise TryBusyError(f"{self._most} others are")
            self._callers.add(caller)
        try:
            yield
        finally:
            with self._lock:
                self._callers.remove(caller)

    def _count(self, caller: str) -> None:
        if self._buckets.most:
            self._buckets.refuse(self._buckets.take(caller))
