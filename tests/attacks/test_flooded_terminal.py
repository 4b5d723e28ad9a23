"""Row B116: commands over a marketplace full of attacks print text, no control characters."""

import socket
from pathlib import Path

import pytest

from connectory.cli.main import run
from flooding import CONNECTOR, flood
from marketplaces import Marketplace, running
from walks import on_sqlite

COMMANDS = (
    ("search",),
    ("show", CONNECTOR),
    ("versions", CONNECTOR),
    ("list", "--team", "payments"),
    ("status", "payments/leads"),
    ("logs", "payments/leads"),
    ("operations", "list"),
    ("audit", "list"),
    ("searches", "list"),
    ("set", "list"),
    ("team", "list"),
    ("token", "list"),
)


@on_sqlite
def test_b116_no_command_lets_stored_text_control_the_terminal(
    shop: Marketplace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    flood(shop)
    monkeypatch.setenv("CONNECTORY_TOKEN", shop.token("admin"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("NO_COLOR", "1")
    codes, raw = {}, {}

    with socket.create_server(("127.0.0.1", 0)) as listener, running(shop.served, listener):
        monkeypatch.setenv("CONNECTORY_URL", f"http://127.0.0.1:{listener.getsockname()[1]}")
        for command in COMMANDS:
            for form in ((), ("--json",)):
                codes[command, form] = run([*command, *form])
                written = "".join(capsys.readouterr())
                raw[command, form] = {c for c in written if not c.isprintable()} - {"\n", "\t"}

    assert set(codes.values()) == {0}, codes
    assert {asked: found for asked, found in raw.items() if found} == {}
