"""A network that cuts connections anywhere: row R30 of the threat model.

A proxy ends each connection at a byte that a seed chooses, in one direction or the other. The
client sends every change again under its `Idempotency-Key` until it was answered. Afterwards
the marketplace is as after a single run without the proxy.
"""

import json
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest

from ledger import keep_books
from marketplaces import Marketplace, running

MOST_BYTES = 900  # of a connection that is cut; requests and answers are about as long
UNCUT = 1_000_000
TRIES = 200
RUNNING, UNKEPT = "idempotency-running", "idempotency-secret"
Change = tuple[str, str, dict[str, object] | None]
ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}
CHANGES: tuple[Change, ...] = (
    ("POST", "teams", {"slug": "TEAM", "title": "Retried"}),
    ("PUT", "teams/TEAM/members/zoe", {"role": "member"}),
    ("PUT", "teams/TEAM/members/max", {"role": "owner"}),
    ("PUT", "teams/TEAM/defaults", {"inputs": {"slack_channel": "#a"}}),
    ("PUT", "teams/TEAM/secrets/crm_api_key", {"value": "one"}),
    ("PUT", "teams/TEAM/secrets/slack_bot_token", {"value": "two"}),
    ("PUT", "teams/TEAM/instances/leads", ASKED),
    ("POST", "tokens", {"name": "TEAM"}),
    ("DELETE", "teams/TEAM/members/zoe", None),
)


@dataclass
class Cutter:
    """A TCP proxy whose connections end after some bytes of one of their directions."""

    dice: random.Random
    target: tuple[str, int] = ("", 0)
    cuts: int = 0

    @contextmanager
    def listening(self) -> Iterator[str]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            accepting = threading.Thread(target=self._accept, args=(listener,))
            accepting.start()
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            finally:
                listener.shutdown(socket.SHUT_RDWR)
                accepting.join(5)

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                left = [self.dice.randint(1, MOST_BYTES), UNCUT]
                self.dice.shuffle(left)
                threading.Thread(target=self._serve, args=(near, *left)).start()

    def _serve(self, near: socket.socket, asked: int, answered: int) -> None:
        with near, socket.create_connection(self.target) as far:
            back = threading.Thread(target=self._pass, args=(far, near, answered))
            back.start()
            self._pass(near, far, asked)
            back.join()

    def _pass(self, source: socket.socket, to: socket.socket, left: int) -> None:
        """Pass bytes on until there are none, or no more are allowed."""
        with suppress(OSError):
            while left and (got := source.recv(min(left, 65_536))):
                to.sendall(got)
                left -= len(got)
        self.cuts += left == 0
        for end in (source, to):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


SEEDS = [1, 2, *(pytest.param(n, marks=pytest.mark.full) for n in range(3, 41))]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_is_sent_until_it_is_answered_is_done_once(
    site: Marketplace, tmp_path: Path, seed: int
) -> None:
    keep_books(site, tmp_path)
    by = site.as_("admin")
    cutter = Cutter(random.Random(seed))  # noqa: S311  repeatable cuts
    with socket.create_server(("127.0.0.1", 0)) as server:
        cutter.target = server.getsockname()
        with running(site.served, server), cutter.listening() as url:
            for change in CHANGES:
                until_answered(f"http://127.0.0.1:{cutter.target[1]}", "straight", change, by)
                until_answered(url, "cut", change, by)

    assert cutter.cuts >= len(CHANGES) // 2
    assert story(site, "cut") == story(site, "straight") != []


def until_answered(url: str, team: str, change: Change, by: dict[str, str]) -> None:
    """Send a change under one key until there is an answer to it."""
    method, path, body = change
    sent = json.dumps(body).replace("TEAM", team) if body else ""
    headers = by | {"Idempotency-Key": uuid4().hex, "Content-Type": "application/json"}
    target = f"{url}/api/v1/{path.replace('TEAM', team)}"
    for _ in range(TRIES):
        with suppress(httpx2.TransportError):
            answer = httpx2.request(method, target, content=sent, headers=headers, timeout=10)
            code = answer.json().get("code") if answer.content else ""
            if answer.is_success or code == UNKEPT:
                return
            assert code == RUNNING, answer.text
    raise AssertionError(f"{method} {path} was never answered")


def story(marketplace: Marketplace, team: str) -> list[tuple[object, ...]]:
    """Return what happened to a team, or by its name, without what only identifies it."""
    query = "SELECT kind, subject, actor FROM event ORDER BY kind, subject, actor"
    with marketplace.state.works.read() as work:
        rows = work.db.exec_driver_sql(query).fetchall()
        tokens = work.db.exec_driver_sql("SELECT name FROM token").fetchall()
    mine = [
        (kind, subject.replace(team, "TEAM"), actor.replace(team, "TEAM"))
        for kind, subject, actor in rows
        if team in subject
    ]
    return [*mine, *(("token",) for (name,) in tokens if name == team)]
