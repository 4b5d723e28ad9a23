"""By commands alone: find a connector, install it, see it work, remove it without a trace."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.journey

LEAD = {"name": "Ada Lovelace", "email": "ada@example.com", "company": "Analytical Engines"}
COMMAND = [sys.executable, "-m", "connectory.cli"]


@dataclass(frozen=True)
class Demo:
    """A demo that runs as a process of its own, and the calling of commands against it."""

    ready: dict
    data: Path
    environment: dict[str, str]

    def __call__(self, *arguments: str) -> str:
        """Run a command with standard input closed; it has to succeed."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def json(self, *arguments: str) -> dict:
        return json.loads(self(*arguments, "--json"))


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    data, token = tmp_path / "data", tmp_path / "token"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    options = ("--demo", "--port", "0", "--json", "--no-browser")
    places = ("--data", str(data), "--admin-token-file", str(token))
    with (
        (tmp_path / "up.log").open("w") as log,
        subprocess.Popen(
            [*COMMAND, "up", *options, *places],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as up,
    ):
        assert up.stdout is not None
        first = up.stdout.readline()
        assert first, (tmp_path / "up.log").read_text()
        ready = json.loads(first)
        caller = {"CONNECTORY_URL": ready["url"], "CONNECTORY_TOKEN": token.read_text().strip()}
        yield Demo(ready, data, {**environment, **caller})
        up.send_signal(signal.SIGTERM)
        assert up.wait(60) == 0, (tmp_path / "up.log").read_text()


def test_a_lead_reaches_slack_through_an_instance_that_leaves_no_trace(demo: Demo) -> None:
    before = footprint(demo)

    assert "crm-to-slack-v1" in demo("search", "slack")
    assert "It will be able to" in demo("show", "crm-to-slack-v1")
    chosen = ("--team", "payments", "--env", "dev", "--name", "leads")
    chosen = (*chosen, "--set", "slack_channel=#leads")
    assert demo.json("preview", "crm-to-slack-v1", *chosen)["state"] == "ready"
    installed = demo.json("install", "crm-to-slack-v1", *chosen, "--yes")
    assert installed["operation"]["usable"] is True
    processes, files = footprint(demo)
    assert len(processes) > len(before[0])
    assert len(files) > len(before[1])

    call("POST", f"{demo.ready['standins']['crm']}/_leads", LEAD)
    slack = demo.ready["standins"]["slack"]
    message = soon(lambda: posted(slack, "Ada Lovelace"), seconds=30)
    assert message["channel"] == "#leads"

    assert demo.json("status", "payments/leads")["health"]["status"] == "healthy"
    assert "payments/leads" in demo("list", "--team", "payments")
    log = demo.json("logs", "payments/leads")["items"]
    assert all(line["level"] in {"info", "debug"} for line in log)

    demo("uninstall", "payments/leads", "--yes", "--confirm", "leads")

    assert demo.json("list", "--team", "payments")["items"] == []
    assert soon(lambda: footprint(demo) == before, seconds=30)
    assert "chain intact" in demo("audit", "verify")


def test_doctor_finds_a_running_demo_healthy(demo: Demo) -> None:
    found = demo.json("doctor", "--data", str(demo.data))

    assert {one["state"] for one in found["checks"]} <= {"PASS", "WARN"}


def footprint(demo: Demo) -> tuple[list[str], list[str]]:
    """Return the processes that work in the data directory, and the files of instances."""
    files = (demo.data / "instances").rglob("*")
    return processes_in(demo.data), sorted(str(path) for path in files)


def processes_in(folder: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            about = (process / "cmdline").read_text() + str((process / "cwd").readlink())
        except OSError:
            continue  # it ended meanwhile, or is not ours to see
        if str(folder) in about:
            found.append(process.name)
    return sorted(found)


def posted(slack: str, text: str) -> dict | None:
    received = call("GET", f"{slack}/_received")
    return next((one for one in received if text in one["text"]), None)


def call(method: str, url: str, body: object = None) -> list:
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, content, method=method)  # noqa: S310  a stand-in
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        return json.load(answer)


def soon(is_so: Callable[[], object], seconds: float) -> object:
    """Return the first true value within some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := is_so():
            return found
        time.sleep(0.05)
    raise AssertionError(f"it did not happen within {seconds} s")
