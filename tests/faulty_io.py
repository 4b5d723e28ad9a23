"""A process that publishes and installs while its I/O is made to fail, or itself to die.

The process tells by a pipe what it was answered. That is the ledger: what was acknowledged must
be in its data directory afterwards, whatever became of the process.
"""

import io
import multiprocessing
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from anyio.from_thread import start_blocking_portal
from starlette.testclient import TestClient

from connectory.app.build import build, inner
from connectory.app.jobs import follow
from connectory.backends.db import open_engine
from connectory.gates import archive
from connectory.settings import Settings
from ledger import LedgerTarget
from marketplaces import wait_until

CALLS = "write,pwrite64,fsync,fdatasync,ftruncate,rename,renameat,renameat2,openat,mkdir,unlink"
BRIEF = (Path(__file__).parent / "manifest/examples/brief.yaml").read_text()
LEADS = "/api/v1/teams/payments/instances/leads"
ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}
PACKED = ("1.0.0", "1.1.0")
BARE = "1.2.0"
INSTALL = "install"
HANG_S = 60.0
FORKS = multiprocessing.get_context("forkserver")


@dataclass(frozen=True)
class Fault:
    """What strace does to the n-th call of each thread: `error=EIO`."""

    what: str
    n: int

    def __str__(self) -> str:
        return f"{self.what} at {self.n}"


@dataclass(frozen=True)
class Ended:
    """What a process was answered until its end, and whether the fault struck it."""

    answers: dict[str, int]
    exitcode: int | None
    is_struck: bool

    @property
    def acknowledged(self) -> set[str]:
        return {name for name, status in self.answers.items() if status < 300}


def manifest_of(version: str) -> bytes:
    """Return the manifest of a version that is published while faults strike."""
    return BRIEF.replace("crm-to-slack-v1", "trouble-v1").replace("1.2.0", version).encode()


def package_of(version: str) -> bytes:
    """Return its package."""
    content = io.BytesIO()
    archive.pack({"manifest.yaml": manifest_of(version), "sample": b"x" * 40_000}, content)
    return content.getvalue()


def run(settings: Settings, ledger: Path, tokens: dict[str, str], fault: Fault) -> Ended:
    """Let a process work on a data directory under a fault, until it ends."""
    ours, theirs = FORKS.Pipe()
    process = FORKS.Process(target=_work, args=(settings, ledger, tokens, theirs))
    process.start()
    theirs.close()
    answers: dict[str, int] = {}
    try:
        assert ours.recv() == "ready"
        trace = ledger.with_name("strace.log")
        with _faulty(int(process.pid or 0), fault, trace):
            ours.send("go")
            answers.update(_heard(ours))
            process.join(HANG_S)
        exitcode = process.exitcode
        assert exitcode is not None, f"{fault}: the process hangs"
    finally:
        process.kill()
        process.join()
    is_struck = "(INJECTED)" in trace.read_text() or exitcode == -signal.SIGKILL
    return Ended(answers, exitcode, is_struck)


def _heard(ledger: Connection) -> Iterator[tuple[str, int]]:
    while True:
        assert ledger.poll(HANG_S), "the process hangs"
        try:
            yield ledger.recv()
        except (EOFError, ConnectionResetError):
            return


@contextmanager
def _faulty(pid: int, fault: Fault, trace: Path) -> Iterator[None]:
    """Arm a fault in a process that runs."""
    inject = f"inject={CALLS}:{fault.what}:when={fault.n}"
    command = ["strace", "-f", "-o", str(trace), "-e", f"trace={CALLS}", "-e", inject]
    said = trace.with_suffix(".said")
    with said.open("wb") as out:
        strace = subprocess.Popen([*command, "-p", str(pid)], stderr=out)
        try:
            wait_until(lambda: re.search(rb"attached", said.read_bytes()) is not None)
            yield
        finally:
            strace.terminate()
            strace.wait()


def _work(settings: Settings, books: Path, tokens: dict[str, str], ledger: Connection) -> None:
    """Publish with a package and without one, index, install; tell each answer."""
    ledger.send("ready")
    ledger.recv()  # once the fault is armed
    served = build(settings, open_engine(settings.database_url))
    state = inner(served).state
    state.crew.targets["local"] = LedgerTarget(books)
    client = TestClient(served, raise_server_exceptions=False)
    with start_blocking_portal() as client.portal:
        for version in PACKED:
            files = {"manifest": manifest_of(version), "package": package_of(version)}
            told = client.post("/api/v1/connectors", files=files, headers=_by(tokens, "ana"))
            ledger.send((version, told.status_code))
            follow(state)
        told = client.post(
            "/api/v1/connectors",
            content=manifest_of(BARE),
            headers=_by(tokens, "ana") | {"Content-Type": "application/yaml"},
        )
        ledger.send((BARE, told.status_code))
        follow(state)
        told = client.put(LEADS, json=ASKED, headers=_by(tokens, "max"))
        ledger.send((INSTALL, told.status_code))
        state.engine.turn()


def _by(tokens: dict[str, str], account: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens[account]}"}
