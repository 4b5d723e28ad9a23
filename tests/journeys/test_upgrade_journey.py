"""An upgrade under load by commands: what it may do more is asked for, and no event is lost."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from marketplaces import wait_until
from processes import COMMAND, MarketplaceProcess, marketplace_process
from releases import publish

pytestmark = pytest.mark.journey

INSTANCE = "payments/leads"
SCOPE = '    - {provider: slack, scopes: ["chat:write"], reason: post the alert}\n'
ROLLBACK_S = 10
BETWEEN_S = 0.1


@pytest.fixture
def served(tmp_path: Path) -> Iterator[MarketplaceProcess]:
    with marketplace_process(tmp_path / "served") as process:
        yield process.start()


def connectory(
    served: MarketplaceProcess, *arguments: str
) -> "subprocess.CompletedProcess[str]":
    """Run a command as the admin, with standard input closed."""
    env = {**os.environ, "CONNECTORY_URL": served.ready["url"]}
    return subprocess.run(
        [COMMAND, *arguments],
        env=env | {"CONNECTORY_TOKEN": served.token},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def leads_arriving(served: MarketplaceProcess) -> Iterator[list[str]]:
    """Let one lead after the other be entered; give the names of those that were."""
    entered: list[str] = []
    enough = threading.Event()

    def enter() -> None:
        while not enough.wait(BETWEEN_S):
            name = f"Lead {len(entered):04}"
            served.create_lead(name)
            entered.append(name)

    entering = threading.Thread(target=enter)
    entering.start()
    try:
        yield entered
    finally:
        enough.set()
        entering.join()


def test_a_running_instance_is_upgraded_and_rolled_back_and_no_lead_is_lost(
    served: MarketplaceProcess,
) -> None:
    publish(served, "1.2.0", {SCOPE: ""})
    channel = ("--set", "slack_channel=#leads")
    older = ("crm-to-slack-v1@1.2.0", "--team", "payments", "--name", "leads")
    installed = connectory(served, "install", *older, *channel, "--yes")

    with leads_arriving(served) as entered:
        asked = connectory(served, "upgrade", INSTANCE, "--to", "1.3.0", "--yes")
        agreed = ("--accept-permissions", "--yes")
        upgraded = connectory(served, "upgrade", INSTANCE, "--to", "1.3.0", *agreed)
        began = time.monotonic()
        back = connectory(served, "rollback", INSTANCE)
        took_s = time.monotonic() - began

    assert installed.returncode == 0, installed.stderr
    assert asked.returncode != 0
    assert "slack chat:write" in asked.stdout + asked.stderr
    assert (upgraded.returncode, back.returncode) == (0, 0), upgraded.stderr + back.stderr
    assert took_s <= ROLLBACK_S
    assert len(entered) > 1
    wait_until(lambda: set(entered) <= names(served.posted()), 60)
    assert (
        served.get("/api/v1/teams/payments/instances/leads")["connector"]["version"] == "1.2.0"
    )


def names(texts: list[str]) -> set[str]:
    """Return the names of the leads that were told of."""
    return {f"Lead {text.partition('Lead ')[2][:4]}" for text in texts}
