"""What the server knows, for a shell that completes what somebody types.

Completion must not be in the way: the server has 0.3 s to answer, its answers are kept for a
minute in a file of the user, and whatever goes wrong, nothing is said and nothing completed.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from connectory.cli import private_file
from connectory.cli.session import Session
from connectory.kernel import clock
from connectory.kernel.errors import ConnectoryError

if TYPE_CHECKING:  # the command line starts without its HTTP client
    from connectory.client import Client

FRESH = timedelta(minutes=1)
MOST = 100  # of one kind
MOST_LISTS = 40
FILE = "completion.json"
KEPT = {"at", "names"}

Item = Mapping[str, Any]
Names = list[tuple[str, str]]  # what is completed, and what a shell may show beside it


def connectors(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete `ID`, and behind its `@` the version."""
    name, at, _ = incomplete.partition("@")
    if not at:
        return _CONNECTORS(ctx, param, incomplete)
    versions = _List(
        f"/connectors/{name}",
        lambda one: (f"{name}@{one['version']}", one["status"]),
        field="versions",
    )
    return versions(ctx, param, incomplete)


def instances(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete `TEAM/NAME`, and `NAME` where somebody began with that."""
    whole = _INSTANCES(ctx, param, incomplete)
    if whole or "/" in incomplete:
        return whole
    every = (item.value.partition("/")[2] for item in _INSTANCES(ctx, param, ""))
    return [CompletionItem(name) for name in every if name.startswith(incomplete)]


@dataclass(frozen=True, slots=True)
class _List:
    """A list of the API, and what completes the names in it."""

    path: str
    name: Callable[[Item], tuple[str, str]]
    field: str = "items"

    def __call__(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002  as click calls it
        incomplete: str,
    ) -> list[CompletionItem]:
        return [
            CompletionItem(value, help=text)
            for value, text in self._names(ctx.ensure_object(Session))
            if value.startswith(incomplete)
        ]

    def _names(self, session: Session) -> Names:
        # not for the overview; here, so that the time it takes is not the server's
        from connectory.client import Client  # noqa: PLC0415

        found: list[Names] = []
        patience_s = session.environment.patience_s

        def look() -> None:
            try:
                with Client(session.url, session.token, timeout_s=patience_s) as client:
                    found.append(self._looked(session, client))
            except (ConnectoryError, OSError, LookupError, TypeError, ValueError):
                return  # no server, no right, no such list: there is nothing to complete

        # one request may take longer than its timeout, which is for each byte
        asking = Thread(target=look, daemon=True)
        asking.start()
        asking.join(patience_s)
        return found[0] if found else []

    def _looked(self, session: Session, client: "Client") -> Names:
        """Take what the file has, if that is fresh; else ask the server."""
        import hashlib  # noqa: PLC0415  not for who completes nothing

        kept = _kept(session)
        token = session.token.reveal() if session.token else ""
        key = hashlib.sha256(f"{session.url}\n{token}\n{self.path}".encode()).hexdigest()
        if key in kept and clock.now() - datetime.fromisoformat(kept[key]["at"]) < FRESH:
            return [(value, text) for value, text in kept[key]["names"]]
        listed = client.http.get(dict[str, Any], self.path, limit=MOST)[self.field]
        names = [self.name(one) for one in listed][:MOST]
        kept |= {key: {"at": clock.now().isoformat(), "names": names}}
        latest = sorted(kept.items(), key=lambda one: str(one[1]["at"]))[-MOST_LISTS:]
        private_file.write(session.environment.cache / FILE, json.dumps(dict(latest)))
        return names


_CONNECTORS = _List("/connectors", lambda one: (one["id"], one["name"]))
_INSTANCES = _List(
    "/instances", lambda one: (f"{one['team']}/{one['name']}", one["connector"]["id"])
)
teams = _List("/teams", lambda one: (one["slug"], one["title"]))
sources = _List("/sources", lambda one: (one["name"], one["url"]))
targets = _List("/targets", lambda one: (one["name"], ""))
operations = _List(
    "/operations",
    lambda one: (one["id"], f"{one['kind']} {one['instance']}, {one['state']}"),
)

reviews = _List(
    "/reviews", lambda one: (one["id"], f"{one['connector']}@{one['version']}, {one['state']}")
)


def _kept(session: Session) -> dict[str, Item]:
    try:
        read = json.loads((session.environment.cache / FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    lists = read.items() if isinstance(read, dict) else ()
    return {key: one for key, one in lists if isinstance(one, dict) and one.keys() >= KEPT}
