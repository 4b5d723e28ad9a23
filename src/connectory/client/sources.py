"""Repositories whose connectors are published as they are merged."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NotRequired, TypedDict

from connectory.client.errors import StillRunningError
from connectory.client.transport import Transport, path_of

ENDED = frozenset({"done", "failed"})
LOOK_S = 0.5


class Failure(TypedDict):
    """Why something did not work, and what to do next."""

    code: str
    message: str
    hint: str


class Sync(TypedDict):
    """One pull of a source; `counts` says how many folders had which outcome."""

    id: str
    source: str
    state: str
    anew: bool
    asked_by: str
    asked_at: str
    started_at: str | None
    ended_at: str | None
    commit: str
    error: Failure | None
    counts: dict[str, int]


class SignOff(TypedDict):
    """For which roles a merge counts as the sign-off of who merged."""

    roles: list[str]
    by: str
    commit: str
    reason: str


class Entry(TypedDict):
    """What became of one folder: published, unchanged, refused or skipped."""

    folder: str
    outcome: str
    version: str
    digest: str
    authors: list[str]
    error: Failure | None
    problems: list[str]
    sign_off: NotRequired[SignOff | None]  # older servers have none


class SyncLog(Sync):
    """One pull of a source with what became of each folder."""

    items: list[Entry]


class Wish(TypedDict):
    """What to pull, and for whom."""

    name: str
    url: str
    branch: str
    folder: str
    team: str
    namespace: str
    secret: str


class Source(Wish):
    """A repository that is pulled, and its last pull."""

    added_by: str
    added_at: str
    hook_url: str
    sign_offs: NotRequired[list[str]]  # older servers have neither
    people: NotRequired[dict[str, str]]
    last: Sync | None


class SourceMade(Source):
    """A source whose webhook has a new secret, which is shown this once."""

    hook_secret: str


@dataclass(frozen=True, slots=True)
class Sources:
    """The routes under /sources. Every method raises what `Transport.send` raises."""

    http: Transport

    def list(self) -> Iterator[Source]:
        """List the sources of one's teams."""
        return self.http.pages(Source, "/sources")

    def show(self, source: str) -> Source:
        """Show one source."""
        return self.http.get(Source, path_of("sources", source))

    def add(self, wish: Wish) -> SourceMade:
        """Pull a repository from now on."""
        return self.http.send(SourceMade, "POST", "/sources", body=wish)

    def remove(self, source: str) -> None:
        """Pull a repository no more."""
        self.http.tell_to("DELETE", path_of("sources", source))

    def count_merges(
        self, source: str, roles: Iterable[str], people: dict[str, str]
    ) -> SourceMade:
        """Let a merge count as the sign-off of roles; the webhook gets a new secret."""
        path = path_of("sources", source, "sign-offs")
        body = {"roles": [*roles], "people": people}
        return self.http.send(SourceMade, "PUT", path, body=body)

    def stop_counting(self, source: str) -> None:
        """Let merges count as nobody's sign-off."""
        self.http.tell_to("DELETE", path_of("sources", source, "sign-offs"))

    def start(self, source: str, *, anew: bool) -> Sync:
        """Let a source be pulled."""
        path = path_of("sources", source, "syncs")
        return self.http.send(Sync, "POST", path, body={"anew": anew})

    def syncs(self, source: str, limit: int) -> Iterator[Sync]:
        """List the pulls of a source, newest first."""
        return self.http.pages(Sync, path_of("sources", source, "syncs"), limit=limit)

    def log(self, source: str, sync: str) -> SyncLog:
        """Show what became of each folder in a pull."""
        return self.http.get(SyncLog, path_of("sources", source, "syncs", sync))

    def follow(self, source: str, sync: str, *, timeout_s: float) -> SyncLog:
        """Wait for the end of a pull, and return its log.

        Raises:
            StillRunningError: If it does not end in time.
        """
        end = time.monotonic() + timeout_s
        while (seen := self.log(source, sync))["state"] not in ENDED:
            if time.monotonic() > end:
                look = f"connectory sync log {source} {sync}"
                raise StillRunningError(sync, timeout_s, look)
            time.sleep(LOOK_S)
        return seen
