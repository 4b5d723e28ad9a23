"""A newcomer: from a clone to own connectors that another team has installed.

One is made with forms, as a browser without JavaScript sends them, and one with the commands
that the guide names. Everything runs from the clone.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

from connectory.checks.table import CHECKS
from forms import Reader
from processes import COMMAND, MarketplaceProcess, marketplace_process, traces

pytestmark = pytest.mark.journey

ROOT = Path(__file__).parents[2]
BY_FORMS, BY_COMMANDS = "ship-alerts", "export-notices"
WALL_S = 600.0  # the promise of the guides
MADE = ("--template", "webhook-to-slack", "--owner", "ana@example.com", "--namespace", "bizops")


@dataclass(frozen=True)
class Clone:
    """The repository as a newcomer has it, and the command that runs from it."""

    folder: Path
    command: Path = COMMAND

    @property
    def source(self) -> str:
        """Where the installed command takes its code from; empty if it was installed here."""
        return str(self.folder / "src") if self.command == COMMAND else ""


@dataclass(frozen=True)
class Person:
    """Somebody with a token of their own who types commands in a folder."""

    folder: Path
    environment: dict[str, str]
    command: Path

    def types(self, *arguments: str) -> str:
        """Run a command with standard input closed; it has to succeed."""
        return ran(self.folder, self.environment, *arguments)

    def connectory(self, *arguments: str) -> str:
        return self.types(str(self.command), *arguments)


@dataclass
class Stages:
    """How long each part of the way took."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - begun

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {took:.1f} s" for name, took in self.seconds.items())
        return f"a newcomer: {parts}; together {sum(self.seconds.values()):.1f} s"


def ran(folder: Path, environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        arguments,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout


def cloned(into: Path) -> Clone:
    """Clone the repository; while it has changes, copy the files that a commit would have."""
    plain = {"PATH": os.environ["PATH"], "HOME": str(into.parent)}
    trusted = ("git", "-c", f"safe.directory={ROOT}")
    if not ran(ROOT, plain, *trusted, "status", "--porcelain"):
        ran(
            into.parent, plain, *trusted, "clone", "--quiet", "--no-local", str(ROOT), str(into)
        )
    else:
        listed = ran(ROOT, plain, *trusted, "ls-files", "-co", "--exclude-standard", "-z")
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():  # else its deletion is not committed yet
                (into / name).parent.mkdir(parents=True, exist_ok=True)
                (into / name).write_bytes((ROOT / name).read_bytes())
                (into / name).chmod((ROOT / name).stat().st_mode)
    return Clone(into)


def prepared(clone: Clone, *, whole: bool) -> Clone:
    """Install what running needs: everything, or with what is installed the packages alone."""
    plain = {"PATH": os.environ["PATH"], "HOME": str(clone.folder.parent)}
    if whole:
        ran(clone.folder, plain, "./dev", "up", "--help")
        return Clone(clone.folder, clone.folder / ".venv/bin/connectory")
    own = plain | {"PYTHONPATH": clone.source}
    ran(clone.folder, own, sys.executable, "tools/bundles.py")
    return clone


def person(served: MarketplaceProcess, name: str, folder: Path, clone: Clone) -> Person:
    made = served.client.post("/api/v1/tokens", json={"name": "newcomer", "as": name})
    assert made.status_code == 201, made.text
    folder.mkdir()
    known = {"CONNECTORY_URL": served.ready["url"], "CONNECTORY_TOKEN": made.json()["token"]}
    source = {"PYTHONPATH": clone.source} if clone.source else {}
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **source, **known}
    return Person(folder, environment, clone.command)


@contextmanager
def browser(served: MarketplaceProcess, someone: Person) -> Iterator[Reader]:
    """Open a browser and sign in with a token."""
    url = served.ready["url"]
    token = someone.environment["CONNECTORY_TOKEN"]
    with httpx2.Client(base_url=url, headers={"Origin": url, "Accept": "text/html"}) as client:
        assert client.post("/sign-in", data={"token": token}).status_code == 303
        yield Reader(client.request)


def publish_by_forms(reader: Reader) -> None:
    """Answer the wizard's questions; what the template brings stays as it is."""
    reader.open("/new")
    reader.submit("/new", template="webhook-to-slack")
    what = {"id": BY_FORMS, "name": "Ship alerts", "description": "Tells what left"}
    reader.submit(button="next", **what)
    for _ in range(4):
        reader.submit(button="next")
    reader.submit(reader.path.replace("review", "publish"))
    assert reader.path == f"/c/bizops/{BY_FORMS}@0.1.0", reader.page and reader.page.text


def publish_by_commands(author: Person) -> None:
    """Make a folder, check it, run its tests, pack and publish it."""
    author.connectory("new", BY_COMMANDS, *MADE)
    assert f"0 of {1 + len(CHECKS)} checks failed" in author.connectory("vet", BY_COMMANDS)
    its_tests = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", BY_COMMANDS)
    assert "3 passed" in author.types(*its_tests)
    packed = json.loads(author.connectory("package", BY_COMMANDS, "--json"))
    published = json.loads(author.connectory("publish", BY_COMMANDS, "--json"))
    assert published["package_digest"] == packed["digest"]


def approve(served: MarketplaceProcess, connector: str) -> None:
    version = f"/api/v1/connectors/bizops/{connector}/versions/0.1.0"
    approval = {"status": "approved", "message": "reviewed"}
    served.client.patch(f"{version}/status", json=approval).raise_for_status()


def use(served: MarketplaceProcess, user: Person, connector: str) -> None:
    """Install it for another team, call it, and remove it."""
    channel = ("--set", "slack_channel=#ops", "--yes")
    user.connectory("install", connector, "--team", "payments", *channel)
    address = user.connectory("hooks", f"payments/{connector}").strip() + "&wait=10"
    answer = httpx2.post(address, json={"text": f"{connector} is done"})
    assert (answer.status_code, served.posted()[-1]) == (200, f"{connector} is done")
    assert httpx2.post(address, json={}).status_code == 422  # as its README.md says
    user.connectory("uninstall", f"payments/{connector}", "--yes", "--confirm", connector)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "whole", [False, pytest.param(True, marks=pytest.mark.full)], ids=["installed", "whole"]
)
def test_a_newcomers_connectors_are_installed_by_another_team(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, whole: bool
) -> None:
    stage = Stages()
    with stage("clone"):
        clone = cloned(tmp_path / "clone")
    with stage("setup"):
        clone = prepared(clone, whole=whole)

    with marketplace_process(tmp_path / "server", clone.command, clone.source) as served:
        with stage("start"):
            served.start(health_seconds="2")
        ana, max_ = (person(served, name, tmp_path / name, clone) for name in ("ana", "max"))
        with stage("forms"), browser(served, ana) as reader:
            publish_by_forms(reader)
        with stage("commands"):
            publish_by_commands(ana)
        before = traces(served)
        for connector in (BY_FORMS, BY_COMMANDS):
            with stage(f"use {connector}"):
                approve(served, connector)
                use(served, max_, connector)

        with capsys.disabled():
            print(f"\n{stage}")  # noqa: T201  asked for
        assert sum(stage.seconds.values()) < WALL_S
        assert traces(served).processes == before.processes
