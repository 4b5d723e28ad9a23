"""A throw-away marketplace: what it is, and how a version is installed and run in it.

It is a whole marketplace of its own: folder, database, secrets (made up, or those that the
stand-ins accept), stand-ins, addresses on loopback. It knows one version. Everything is done
over HTTP, as everybody does it, so that what is rehearsed is what will happen.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

from connectory.backends.targets import LogLine, Target
from connectory.catalog.rules import Name
from connectory.gates import http
from connectory.gates.http import Policy
from connectory.gates.pinned import OutboundTimeoutError
from connectory.instances.rules import as_text
from connectory.kernel.secret import Secret
from connectory.manifest.model import Manifest
from connectory.rehearsals.rules import (
    RUN,
    Example,
    Thing,
    ThrowawayFailedError,
    ThrowawayLateError,
    path_for,
)
from connectory.work import Works

TARGET = "local"
NAME = "rehearsed"  # of the instance
PAUSE_S = 0.05
CALL_S = 40.0  # one request: a connector may take its 30 s
WAIT = "wait=10"  # seconds, for what the connector answers
ARRIVED, SUBSCRIPTIONS = "/_received", "/_subscriptions"
SUCCEEDED, ACTIVE = "succeeded", {"waiting", "running"}


@dataclass(frozen=True, slots=True)
class Goods:
    """The version that a throw-away marketplace gets to know. `package` is a digest."""

    name: Name
    version: str
    manifest: bytes
    package: str


@dataclass(frozen=True, slots=True)
class Throwaway:
    """One that runs. `inputs` lead to the stand-ins, `secrets` are what those accept."""

    url: str
    token: Secret
    folder: Path
    works: Works
    target: Target
    standins: Mapping[str, str]  # name -> address
    inputs: Mapping[str, str]
    secrets: Mapping[str, str]


class Throwaways(Protocol):
    """Makes and deletes them. A key names one: the id of an operation, say."""

    @property
    def is_contained(self) -> bool:
        """Whether connectors are contained in them."""
        ...

    def open(self, key: str, goods: Goods) -> Throwaway:
        """Make one in which a version is published and approved."""
        ...

    def close(self, key: str) -> None:
        """Delete one with everything in it; without effect if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a stand-in accepted."""

    standin: str
    content: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of one example."""

    path: str
    status: int
    output: object
    arrived: tuple[Arrival, ...]


@dataclass(frozen=True, slots=True)
class Stay:
    """The one version in its throw-away marketplace, which it has to leave by `end`."""

    throwaway: Throwaway
    goods: Goods
    manifest: Manifest
    seconds: float
    end: float  # as `time.monotonic` counts

    @classmethod
    def of(
        cls, throwaway: Throwaway, goods: Goods, manifest: Manifest, seconds: float
    ) -> "Stay":
        """Let the time begin."""
        return cls(throwaway, goods, manifest, seconds, time.monotonic() + seconds)

    @property
    def instance(self) -> str:
        """The path of the instance in the API."""
        return f"/api/v1/teams/{self.goods.name.namespace}/instances/{NAME}"

    def give_secrets(self) -> None:
        """Store what the stand-ins accept, or something made up, as the team's secrets.

        Raises:
            ThrowawayFailedError, ThrowawayLateError: As `install`.
        """
        for secret in self.manifest.secrets:
            value = self.throwaway.secrets.get(secret.name, f"made-up-{secret.name}")
            path = f"/api/v1/teams/{self.goods.name.namespace}/secrets/{secret.name}"
            self._done("PUT", path, {"value": value})

    def install(self) -> None:
        """Install the version with the inputs of its first example, and wait until it is well.

        Raises:
            ThrowawayFailedError: If that does not succeed.
            ThrowawayLateError: If it takes too long.
        """
        team = self.goods.name.namespace
        asked = {
            "connector": self.goods.name.key,
            "version": self.goods.version,
            "environment": "dev",
            "target": TARGET,
            "inputs": self._inputs(),
            "secrets": {one.name: f"teams/{team}/{one.name}" for one in self.manifest.secrets},
        }
        self._operate("the install", "PUT", self.instance, asked)

    def remove(self) -> None:
        """Remove the instance as everybody removes one.

        Raises:
            ThrowawayFailedError, ThrowawayLateError: As `install`.
        """
        self._operate("the removal", "DELETE", self.instance)

    def play(self, example: Example) -> Answered:
        """Send one example to its trigger; say what the connector answered and what arrived."""
        path = path_for(self.manifest, example.name)
        before = self.arrived()
        if path == RUN:
            said = self._done("POST", f"{self.instance}:run", {"event": example.event})
            status, output = said["status"], said["output"]
        else:
            url = f"{self._hook(path)}&{WAIT}"
            status, output = self._ask("POST", url, example.event)
        after = self.arrived()
        new = tuple(
            arrival for name, seen in after.items() for arrival in seen[len(before[name]) :]
        )
        return Answered(path, status, output, new)

    def arrived(self) -> dict[str, tuple[Arrival, ...]]:
        """Return what the stand-ins have accepted so far, by stand-in, oldest first."""
        return {
            name: tuple(Arrival(name, one) for one in self._asked(url + ARRIVED) or ())
            for name, url in self.throwaway.standins.items()
        }

    def subscriptions(self) -> Iterator[Thing]:
        """Give what stands at the stand-ins for the connector; not all of them know."""
        for name, url in self.throwaway.standins.items():
            for one in self._asked(url + SUBSCRIPTIONS) or ():
                yield Thing("subscription", f"{name}: {one}")

    def logs(self) -> tuple[LogLine, ...]:
        """Return the last lines that the connector wrote."""
        found = self._done("GET", self.instance)
        return self.throwaway.target.logs(found["id"], after=-50)

    def _inputs(self) -> dict[str, object]:
        """Return the inputs of the first example; those of stand-ins win."""
        known = {one.name for one in self.manifest.inputs}
        shown = {
            one.name: one.example
            for one in self.manifest.inputs
            if one.required and one.default is None and one.example is not None
        }
        first = self.manifest.examples[0].inputs if self.manifest.examples else {}
        leading = {n: value for n, value in self.throwaway.inputs.items() if n in known}
        return {**shown, **first, **leading}

    def _hook(self, path: str) -> str:
        """Return the address of a hook with its key, as whoever sets up the caller sees it."""
        urls = self._done("POST", f"{self.instance}:hooks")["urls"]
        end = f"/{NAME}{path}"
        return next(str(url) for url in urls if url.partition("?")[0].endswith(end))

    def _operate(self, what: str, method: str, path: str, body: object = None) -> None:
        """Begin an operation and wait until it has succeeded."""
        operation = self._done(method, path, body)["operation"]
        while (seen := self._done("GET", f"/api/v1/operations/{operation}"))["state"] in ACTIVE:
            self._left()
            time.sleep(PAUSE_S)
        if seen["state"] != SUCCEEDED:
            error = seen["error"] or {}
            raise ThrowawayFailedError(
                f"{what} did not succeed", error.get("message", ""), error.get("hint", "")
            )

    def _done(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  JSON
        """Return what the marketplace answered; anything but success is a failure."""
        status, answer = self._ask(method, self.throwaway.url + path, body)
        if status >= HTTPStatus.BAD_REQUEST:
            said: dict[str, Any] = answer if isinstance(answer, dict) else {}
            problems = "; ".join(str(one["message"]) for one in said.get("errors", ()))
            reason = problems or str(said.get("detail", as_text(answer)))
            raise ThrowawayFailedError(f"{method} {path}", reason, said.get("hint", ""))
        return answer

    def _asked(self, url: str) -> Any:  # noqa: ANN401  JSON
        """Return what a stand-in answered, None if it does not know the question."""
        status, answer = self._ask("GET", url)
        return answer if status == HTTPStatus.OK else None

    def _ask(self, method: str, url: str, body: object = None) -> tuple[int, object]:
        headers = {"Content-Type": "application/json"}
        if url.startswith(f"{self.throwaway.url}/api/"):
            headers["Authorization"] = f"Bearer {self.throwaway.token.reveal()}"
        policy = Policy(loopback=True, seconds=min(self._left(), CALL_S))
        sent = None if body is None else json.dumps(body).encode()
        try:
            answer = http.fetch(method, url, headers=headers, body=sent, policy=policy)
        except OutboundTimeoutError:
            raise ThrowawayLateError(self.seconds) from None
        return answer.status, _read(answer.body)

    def _left(self) -> float:
        """Return the seconds that are left.

        Raises:
            ThrowawayLateError: If there are none.
        """
        left = self.end - time.monotonic()
        if left <= 0:
            raise ThrowawayLateError(self.seconds)
        return left


def _read(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
