"""A marketplace with the real starters, stand-ins, and a team that can use them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectory.app import bootstrap, demo
from connectory.standins import StandIns, run_all
from marketplaces import Marketplace


@pytest.fixture
def standins(tmp_path: Path) -> Iterator[StandIns]:
    """Stand-ins for Slack and the CRM."""
    running = run_all(tmp_path / "standins", {})
    yield running
    running.stop()


@pytest.fixture
def shop(marketplace: Marketplace, standins: StandIns) -> Iterator[Marketplace]:
    """A marketplace where `payments` can install crm-to-slack."""
    bootstrap.prepare(marketplace.state)
    demo.prepare(marketplace.state, standins)
    marketplace.follow()
    yield marketplace
    crew = marketplace.state.crew
    for folder in (marketplace.state.settings.data / "instances").glob("inst_*"):
        crew.targets["local"].remove(folder.name)
