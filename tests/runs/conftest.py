"""Instances whose connectors answer as a test says, on a target without processes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import update

from connectory.backends.targets import Answer
from connectory.runs import store
from connectory.runs.enqueue import Request, enqueue
from ledger import Called, LedgerTarget, keep_books
from marketplaces import Marketplace

TEAM = "/api/v1/teams/payments/instances"
ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class Line:
    """What waits for the connectors of a marketplace, and what became of it."""

    shop: Marketplace
    books: LedgerTarget

    def install(self, name: str) -> str:
        """Install another instance; return its id."""
        asked = self.shop.client.put(f"{TEAM}/{name}", json=ASKED, headers=self.by("max"))
        assert asked.status_code == 202, asked.text
        self.shop.turn()
        return str(self.get(f"/{name}")["id"])

    def add(self, instance: str, body: bytes = b"{}", **more: Any) -> str:
        wanted = {"trigger": "webhook", "path": "/lead", "query": {}, **more}
        with self.shop.state.works.write() as work:
            return enqueue(work, Request(instance=instance, body=body, **wanted))

    def answer(self, *statuses: int, retry_after_s: int | None = None) -> None:
        """Let the connectors answer with these, one after the other; the last one stays."""
        rest = list(statuses)

        def answered(_: Called) -> Answer:
            status = rest.pop(0) if len(rest) > 1 else rest[0]
            return Answer(status, "application/json", b'{"said": 1}', retry_after_s)

        self.books.answer = answered

    def hook(self, instance: str, more: str = "", **sent: Any) -> Response:
        """Call the hook of `payments/leads` as the outside does."""
        key = self.books.given[instance]["CONNECTORY_HOOK_KEY"]
        url = f"/hooks/payments/leads/lead?key={key}{more}"
        return self.shop.client.post(url, **sent)

    def deliver(self) -> None:
        """Deliver what is due, until its outcome is recorded."""
        self.shop.deliver()

    def make_due(self) -> None:
        """Let the time pass until everything is due: pauses and leases are over."""
        with self.shop.state.works.write() as work:
            work.db.execute(update(store.RUNS).values(due_at=LONG_AGO))

    def run(self, run: str, name: str = "leads", by: str = "max") -> dict[str, Any]:
        return self.get(f"/{name}/runs/{run}", by)

    def get(self, path: str, by: str = "max") -> dict[str, Any]:
        found: dict[str, Any] = self.shop.client.get(TEAM + path, headers=self.by(by)).json()
        return found

    def post(self, path: str, by: str = "max", **body: object) -> Response:
        return self.shop.client.post(TEAM + path, json=body or None, headers=self.by(by))

    def remove(self, name: str) -> dict[str, Any]:
        """Remove an instance; return the operation."""
        answer = self.shop.client.delete(f"{TEAM}/{name}", headers=self.by("max"))
        self.shop.turn()
        location = answer.headers["Location"]
        found: dict[str, Any] = self.shop.client.get(location, headers=self.by("max")).json()
        return found

    def by(self, account: str) -> dict[str, str]:
        return self.shop.as_(account)


@pytest.fixture
def line(site: Marketplace, tmp_path: Path) -> Line:
    return Line(site, keep_books(site, tmp_path))


@pytest.fixture
def leads(line: Line) -> str:
    """The id of the instance `payments/leads`."""
    return line.install("leads")
