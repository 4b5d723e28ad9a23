"""A newcomer: from an empty folder to an own connector that another team has installed.

Only the commands that the guide names, and the one call with which an admin approves.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from processes import COMMAND, MarketplaceProcess, marketplace_process, traces

pytestmark = pytest.mark.journey

ID = "export-notices"
WALL_S = 600.0  # the promise of the guide
VERSION = f"/api/v1/connectors/bizops/{ID}/versions/0.1.0"


@dataclass(frozen=True)
class Person:
    """Somebody with a token of their own who types commands in a folder."""

    folder: Path
    environment: dict[str, str]

    def types(self, *arguments: str) -> str:
        """Run a command with standard input closed; it has to succeed."""
        done = subprocess.run(
            arguments,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def connectory(self, *arguments: str) -> str:
        return self.types(str(COMMAND), *arguments)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[MarketplaceProcess]:
    with marketplace_process(tmp_path / "server") as process:
        yield process


def person(served: MarketplaceProcess, name: str, folder: Path) -> Person:
    made = served.client.post("/api/v1/tokens", json={"name": "newcomer", "as": name})
    assert made.status_code == 201, made.text
    folder.mkdir()
    known = {"CONNECTORY_URL": served.ready["url"], "CONNECTORY_TOKEN": made.json()["token"]}
    return Person(folder, {"PATH": os.environ["PATH"], "HOME": str(folder), **known})


@pytest.mark.timeout(300)
def test_a_newcomers_connector_is_installed_by_another_team(
    served: MarketplaceProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = time.monotonic()
    served.start(health_seconds="2")
    ana, max_ = (person(served, name, tmp_path / name) for name in ("ana", "max"))
    made = ("new", ID, "--template", "webhook-to-slack", "--owner", "ana@example.com")

    ana.connectory(*made, "--namespace", "bizops")
    assert "0 of 3 checks failed" in ana.connectory("vet", ID)
    its_tests = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", ID)
    assert "3 passed" in ana.types(*its_tests)
    packed = json.loads(ana.connectory("package", ID, "--json"))
    published = json.loads(ana.connectory("publish", ID, "--json"))
    assert published["package_digest"] == packed["digest"]
    approval = {"status": "approved", "message": "reviewed"}
    served.client.patch(f"{VERSION}/status", json=approval).raise_for_status()

    before = traces(served)
    max_.connectory("install", ID, "--team", "payments", "--set", "slack_channel=#ops", "--yes")
    address = max_.connectory("hooks", f"payments/{ID}").strip()
    answer = httpx2.post(address, json={"text": "The export is done"})
    assert (answer.status_code, served.posted()) == (200, ["The export is done"])
    assert httpx2.post(address, json={}).status_code == 422  # as its README.md says
    max_.connectory("uninstall", f"payments/{ID}", "--yes", "--confirm", ID)

    took = time.monotonic() - begun
    with capsys.disabled():
        print(f"\nempty folder to another team's instance and back: {took:.1f} s")  # noqa: T201  asked for
    assert took < WALL_S
    assert traces(served).processes == before.processes
