"""Questions, asked on a real (pseudo) terminal."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from stubs import Asked, Reply, Stub

INSTANCE = {
    "id": "inst_1",
    "team": "payments",
    "name": "leads",
    "connector": {"namespace": "bizops", "id": "crm-to-slack-v1", "version": "1.3.0"},
    "environment": "dev",
    "target": "local",
    "region": "us-east-1",
    "state": "running",
    "newer": None,
    "former": None,
    "last_operation": None,
    "url": "/t/payments/i/leads",
    "settings": [],
    "secrets": [],
    "hook_urls": [],
    "health": {"status": "healthy", "since": None, "reason": "", "restarts": 0},
}
STORED = {
    "name": "crm_key",
    "path": "teams/payments/crm_key",
    "is_stored": True,
    "version": 1,
    "set_at": None,
    "set_by": "max",
}


def answer(asked: Asked) -> Reply:
    if asked.method == "DELETE":
        return Reply(202, {"operation": "op_1", "instance": INSTANCE})
    return Reply(body=STORED if "/secrets/" in asked.path else INSTANCE)


def at_terminal(stub: Stub, config: Path, *arguments: str, typed: str) -> tuple[int, str]:
    """Run a command whose three streams are a terminal; return its exit code and the screen."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "CONNECTORY_URL": stub.url, "XDG_CONFIG_HOME": str(config)}
    with subprocess.Popen(
        [sys.executable, "-m", "connectory.cli", *arguments],
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as running:
        os.close(theirs)
        seen = read_until(ours, b": ")
        os.write(ours, typed.encode() + b"\n")
        seen += read_until(ours, None)
    os.close(ours)
    return running.returncode, seen.decode()


def read_until(terminal: int, mark: bytes | None) -> bytes:
    seen = b""
    while mark is None or mark not in seen:
        try:
            seen += os.read(terminal, 4096)
        except OSError:
            return seen  # the other side has ended
    return seen


def test_a_no_changes_nothing(tmp_path: Path) -> None:
    with Stub(answer) as stub:
        deleting = ("secret", "delete", "crm_key", "--team", "payments")
        code, screen = at_terminal(stub, tmp_path, *deleting, typed="n")

    assert code == 1
    assert "nothing was changed" in screen
    assert stub.asked == []


@pytest.mark.parametrize(("typed", "code", "sent"), [("leads", 0, 1), ("lead", 1, 0)])
def test_a_removal_goes_on_when_the_name_is_typed(
    tmp_path: Path, typed: str, code: int, sent: int
) -> None:
    with Stub(answer) as stub:
        removing = ("uninstall", "payments/leads", "--no-wait")
        ended, screen = at_terminal(stub, tmp_path, *removing, typed=typed)

    assert "Type leads to confirm" in screen
    assert ended == code
    assert len([asked for asked in stub.asked if asked.method == "DELETE"]) == sent


def test_a_secret_is_not_shown_while_it_is_typed(tmp_path: Path) -> None:
    with Stub(answer) as stub:
        storing = ("secret", "set", "crm_key", "--team", "payments")
        code, screen = at_terminal(stub, tmp_path, *storing, typed="canary-71c0")

    assert code == 0
    assert "canary-71c0" not in screen
    assert b"canary-71c0" in stub.asked[0].body


def test_marks_and_colours_are_for_terminals(tmp_path: Path) -> None:
    with Stub(answer) as stub:
        storing = ("secret", "set", "crm_key", "--team", "payments")
        _, screen = at_terminal(stub, tmp_path, *storing, typed="x")

    assert "✓" in screen
    assert "\x1b[" in screen


def test_no_input_asks_nothing_even_on_a_terminal(tmp_path: Path) -> None:
    with Stub(answer) as stub:
        removing = ("uninstall", "payments/leads", "--no-input")
        code, screen = at_terminal(stub, tmp_path, *removing, typed="leads")

    assert code == 2
    assert "there is no terminal" in screen
