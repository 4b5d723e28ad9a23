"""Instances whose connectors answer as a test says, on a target without processes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from connectory.kernel import clock
from connectory.runs.enqueue import Request, enqueue
from ledger import LedgerTarget, keep_books
from marketplaces import Marketplace

TEAM = "/api/v1/teams/payments/instances"
ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}


@dataclass
class Line:
    """What waits for the connectors of a marketplace, and what became of it."""

    shop: Marketplace
    books: LedgerTarget
    late: timedelta = field(default_factory=timedelta)

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

    def deliver(self) -> None:
        self.shop.deliver()

    def get(self, path: str, by: str = "max") -> dict[str, Any]:
        found: dict[str, Any] = self.shop.client.get(TEAM + path, headers=self.by(by)).json()
        return found

    def post(self, path: str, by: str = "max", **body: object) -> Response:
        return self.shop.client.post(TEAM + path, json=body, headers=self.by(by))

    def by(self, account: str) -> dict[str, str]:
        return self.shop.as_(account)

    def pass_by(self, seconds: float) -> None:
        """Let time pass for what comes next."""
        self.late += timedelta(seconds=seconds)
        object.__setattr__(self.shop.state.works, "clock", self._now)

    def _now(self) -> datetime:
        return clock.now() + self.late


@pytest.fixture
def line(marketplace: Marketplace, tmp_path: Path) -> Line:
    return Line(marketplace, keep_books(marketplace, tmp_path))


@pytest.fixture
def leads(line: Line) -> str:
    """The id of the instance `payments/leads`."""
    return line.install("leads")
