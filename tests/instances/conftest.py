"""Marketplaces with the starters: one with stand-ins and processes, one that keeps books."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from connectory.app import demo
from connectory.backends.targets.local.environment import COMPLETE
from connectory.standins import StandIns, run_all
from ledger import LedgerTarget, keep_books
from marketplaces import Marketplace

URL = "/api/v1/teams/payments/instances/leads"
ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}


@dataclass
class Leads:
    """An instance of the team payments, as its member max sees and changes it."""

    shop: Marketplace
    books: LedgerTarget

    def install(self, **inputs: str) -> str:
        asked = {**ASKED, "inputs": {**ASKED["inputs"], **inputs}}
        return self.ended(self.shop.client.put(URL, json=asked, headers=self.by("max")))["id"]

    def post(self, change: str, by: str = "max", **body: object) -> Response:
        """Ask for a change of the instance, or at another path of the API."""
        path = change if change.startswith("/") else f"{URL}:{change}"
        return self.shop.client.post(path, json=body, headers=self.by(by))

    def steer(self, operation: str, how: str, by: str = "max", **body: object) -> Response:
        return self.post(f"/api/v1/operations/{operation}:{how}", by, **body)

    def get(self, path: str = URL) -> dict[str, Any]:
        found: dict[str, Any] = self.shop.client.get(path, headers=self.by("max")).json()
        return found

    def ended(self, answer: Response) -> dict[str, Any]:
        """Let workers run what was begun; return its operation."""
        assert answer.status_code == 202, answer.text
        self.shop.turn()
        return self.get(answer.headers["Location"])

    def hook(self, key: str) -> int:
        """Call the hook as the outside does; return the status."""
        return self.shop.client.post(f"/hooks/payments/leads/lead?key={key}").status_code

    def key(self) -> str:
        """The key that its process was handed."""
        return self.books.given[self.get()["id"]]["CONNECTORY_HOOK_KEY"]

    def by(self, account: str) -> dict[str, str]:
        return self.shop.as_(account)


@pytest.fixture
def standins(tmp_path: Path) -> Iterator[StandIns]:
    """Stand-ins for Slack and the CRM."""
    running = run_all(tmp_path / "standins", {})
    yield running
    running.stop()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The environments that earlier tests built; building takes most of an install."""
    return tmp_path_factory.mktemp("environments")


@pytest.fixture
def shop(site: Marketplace, standins: StandIns, built: Path) -> Iterator[Marketplace]:
    """A marketplace where `payments` can install crm-to-slack."""
    environments = site.state.settings.data / "environments"
    shutil.copytree(built, environments, symlinks=True, dirs_exist_ok=True)
    demo.prepare(site.state, standins)
    site.follow()
    yield site
    crew = site.state.crew
    for folder in (site.state.settings.data / "instances").glob("inst_*"):
        crew.targets["local"].remove(folder.name)
    for place in environments.iterdir():
        if (place / COMPLETE).exists() and not (built / place.name).exists():
            shutil.copytree(place, built / place.name, symlinks=True)


@pytest.fixture
def books(site: Marketplace, tmp_path: Path) -> LedgerTarget:
    """Where `payments` can install crm-to-slack, without processes: fast."""
    return keep_books(site, tmp_path)


@pytest.fixture
def leads(marketplace: Marketplace, books: LedgerTarget) -> Leads:
    """The instance `payments/leads`, which runs 1.3.0 on the books."""
    found = Leads(marketplace, books)
    found.install()
    return found
