"""The real command as a process, spoken to by HTTP, and what it leaves on the machine."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx2
from httpx2 import Response

from connectory.backends.targets.local.target import LocalTarget
from connectory.standins import CRM_API_KEY
from marketplaces import wait_until

COMMAND = Path(sys.executable).with_name("connectory")
ENDED = {"succeeded", "failed", "undone", "cancelled"}
CLEAN_EXIT_S = 10
OWN = re.compile(r"connectory\.db|index/|standins/|shims/|scratch/|server\.lock")
"""What belongs to the marketplace, not to an instance: its supervisors and checks, too."""


class MarketplaceProcess:
    """`connectory up --demo` on a data directory; it can be stopped, killed, started again.

    It keeps its port over restarts, as a real one does, because hooks lead to it. `seen` holds
    the bodies of all its answers, `log` what it wrote to stderr, `said` what to stdout.
    """

    def __init__(self, folder: Path, command: Path = COMMAND, source: str = "") -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self._command = command
        self._source = {"PYTHONPATH": source} if source else {}
        self.data = folder / "data"
        self.log = folder / "stderr.log"
        self.said = folder / "stdout.log"
        self.seen: list[bytes] = []
        self._token = folder / "admin-token"
        self._port = 0

    def start(self, *flags: str, **settings: str) -> Self:
        """Start it and wait for its first line on stdout; `settings` by lower-case name."""
        command = [self._command, "up", "--demo", "--no-browser", "--json", *flags]
        command += ["--port", str(self._port), "--data", str(self.data)]
        command += ["--admin-token-file", str(self._token)]
        already = self.said.stat().st_size if self.said.exists() else 0
        with self.said.open("ab") as out, self.log.open("ab") as err:
            self.process = subprocess.Popen(
                command, env=environment(settings) | self._source, stdout=out, stderr=err
            )
        wait_until(lambda: b"\n" in self.said.read_bytes()[already:] or self._has_ended(), 60)
        assert not self._has_ended(), self.log.read_text()
        self.ready: dict[str, Any] = json.loads(self.said.read_bytes()[already:])
        self._port = int(self.ready["url"].rpartition(":")[2])
        self.client = httpx2.Client(
            base_url=self.ready["url"],
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
            event_hooks={"response": [self._keep]},
        )
        return self

    def stop(self) -> int:
        """Ask it to end, as a service manager does; return its exit code."""
        self.client.close()
        self.process.terminate()
        return self.process.wait(CLEAN_EXIT_S)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.client.close()
        self.process.kill()
        self.process.wait()

    @property
    def token(self) -> str:
        """The admin token of this start."""
        return self._token.read_text().strip()

    @property
    def slack(self) -> str:
        """The address of the stand-in for Slack."""
        return str(self.ready["standins"]["slack"])

    @property
    def crm(self) -> str:
        """The address of the stand-in for the CRM."""
        return str(self.ready["standins"]["crm"])

    def get(self, path: str) -> dict[str, Any]:
        """Return the JSON of a page of the API that is there."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def ended(self, operation: str) -> dict[str, Any]:
        """Poll an operation until it has ended."""
        path = f"/api/v1/operations/{operation}"
        wait_until(lambda: self.get(path)["state"] in ENDED, 60)
        return self.get(path)

    def as_(self, account: str) -> dict[str, str]:
        """Return the headers of requests by an account of the demo."""
        wanted = {"name": "tests", "as": account}
        made = self.client.post("/api/v1/tokens", json=wanted).raise_for_status().json()
        return {"Authorization": f"Bearer {made['token']}"}

    def create_lead(self, name: str) -> None:
        """Let somebody enter a lead into the CRM."""
        lead = {"name": name, "email": "ada@example.com", "company": "Analytical Engines"}
        httpx2.post(f"{self.crm}/_leads", json=lead).raise_for_status()

    def posted(self) -> list[str]:
        """Return the texts that Slack got."""
        return [str(one["text"]) for one in httpx2.get(f"{self.slack}/_received").json()]

    def subscriptions(self) -> list[str]:
        """Return the addresses that the CRM would tell about new leads."""
        headers = {"Authorization": f"Bearer {CRM_API_KEY}"}
        found = httpx2.get(f"{self.crm}/v1/webhooks", headers=headers).json()["items"]
        return [str(one["url"]) for one in found]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Read the database file beside the server."""
        with closing(
            sqlite3.connect(f"file:{self.data}/connectory.db?mode=ro", uri=True)
        ) as db:
            return db.execute(sql).fetchall()

    def _keep(self, response: Response) -> None:
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            self.seen.append(response.read())

    def _has_ended(self) -> bool:
        return self.process.poll() is not None


@contextmanager
def marketplace_process(
    folder: Path, command: Path = COMMAND, source: str = ""
) -> Iterator[MarketplaceProcess]:
    """Give a marketplace that is not started yet; afterwards it and its instances are ended.

    `command` is the one to run; `source` is a path of sources that it takes before its own.
    """
    served = MarketplaceProcess(folder, command, source)
    try:
        yield served
    finally:
        served.kill()
        target = LocalTarget(served.data)
        for instance in (served.data / "instances").glob("inst_*/"):
            target.remove(instance.name)


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with these settings and none that the tests were given."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("CONNECTORY_")}
    return own | {f"CONNECTORY_{name.upper()}": value for name, value in settings.items()}


@dataclass(frozen=True)
class Traces:
    """Everything on this machine and in the CRM that an instance could leave behind."""

    processes: frozenset[int]
    files: frozenset[str]
    secrets: frozenset[str]
    rows: frozenset[tuple[object, ...]]
    subscriptions: frozenset[str]
    listening: frozenset[str]


def traces(served: MarketplaceProcess) -> Traces:
    """Look at what is there now."""
    processes = processes_of(served.data)
    found = (str(path.relative_to(served.data)) for path in served.data.rglob("*"))
    rows = [
        (table, *row)
        for table in ("hook", "service_account")
        for row in served.query(f"SELECT * FROM {table}")  # noqa: S608  names from here
    ]
    return Traces(
        processes=frozenset(processes),
        files=frozenset(p for p in found if "/" in p and not OWN.match(p)),
        secrets=frozenset(path for (path,) in served.query("SELECT path FROM secret_version")),
        rows=frozenset(rows),
        subscriptions=frozenset(served.subscriptions()),
        listening=frozenset().union(*map(listening, processes)),
    )


def processes_of(data: Path) -> list[int]:
    """Return all processes that were started for, or work in, a data directory."""
    marker = str(data).encode()
    return [int(pid) for pid, seen in of_all_processes("cmdline", "cwd") if marker in seen]


def of_all_processes(*names: str) -> Iterator[tuple[str, bytes]]:
    """Yield pid and contents of files (or ends of links) in /proc that can be read."""
    for folder in Path("/proc").glob("[0-9]*"):
        seen = b""
        for name in names:
            try:
                path = folder / name
                seen += os.fsencode(path.readlink()) if name == "cwd" else path.read_bytes()
            except OSError:  # it has ended, or is another user's
                continue
        yield folder.name, seen


def listening(pid: int) -> set[str]:
    """Return the local addresses (as /proc writes them) that a process listens on."""
    try:
        fds = list(Path(f"/proc/{pid}/fd").iterdir())
        tables = [Path(f"/proc/{pid}/net/{name}").read_text() for name in ("tcp", "tcp6")]
    except OSError:
        return set()
    sockets = set(map(end_of, fds))
    lines = [line.split() for table in tables for line in table.splitlines()[1:]]
    return {one[1] for one in lines if one[3] == "0A" and f"socket:[{one[9]}]" in sockets}


def end_of(descriptor: Path) -> str:
    """Return what an open descriptor leads to; nothing if it was closed meanwhile."""
    try:
        return str(descriptor.readlink())
    except OSError:
        return ""
