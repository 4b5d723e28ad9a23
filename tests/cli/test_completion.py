"""completion: scripts for shells, and the names that a server knows."""

import json
import socket
import stat
from pathlib import Path
from time import monotonic

import pytest
from click.shell_completion import ShellComplete

from connectory.cli import known
from connectory.cli.completion import VARIABLE
from connectory.cli.environment import Environment
from connectory.cli.main import root
from connectory.cli.session import Session
from connectory.kernel.secret import Secret
from marketplaces import LiveServer


def completed(environment: Environment, *words: str) -> list[str]:
    """Return what a shell would offer for the last word."""
    session = Session()
    session.environment = environment
    shell = ShellComplete(root, {"obj": session}, "connectory", VARIABLE)
    found = shell.get_completions(list(words[:-1]), words[-1])
    session.close()
    return [item.value for item in found]


def as_max(server: LiveServer, cache: Path) -> Environment:
    return Environment(server.url, Secret(server.tokens["max"]), cache=cache, patience_s=20)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_a_shell_gets_its_script(offline, shell: str) -> None:
    done = offline("completion", shell)

    assert done.code == 0
    assert "_CONNECTORY_COMPLETE" in done.out
    assert offline("completion", shell, "--json").json["shell"] == shell


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("show", "crm-to-s"), "crm-to-slack-v1"),
        (("install", "crm-to-slack-v1@1."), "crm-to-slack-v1@1.3.0"),
        (("list", "--team", "pay"), "payments"),
        (("install", "x", "--target", ""), "local"),
        (("team", "show", "p"), "payments"),
    ],
)
def test_names_that_the_server_knows_are_offered(
    live_server: LiveServer, tmp_path: Path, words: tuple[str, ...], offered: str
) -> None:
    assert offered in completed(as_max(live_server, tmp_path), *words)


def test_instances_and_operations_are_offered(
    live_server: LiveServer, installed: str, tmp_path: Path
) -> None:
    environment = as_max(live_server, tmp_path)

    whole = completed(environment, "status", "payments/t-")
    short = completed(environment, "uninstall", installed[:6])
    operations = completed(environment, "operations", "show", "op_")

    assert f"payments/{installed}" in whole
    assert short == [installed]
    assert operations


def test_an_answer_is_kept_for_the_same_caller_alone(
    live_server: LiveServer, tmp_path: Path
) -> None:
    assert completed(as_max(live_server, tmp_path), "show", "crm-to-s") == ["crm-to-slack-v1"]
    file = tmp_path / known.FILE
    kept = json.loads(file.read_text())
    for one in kept.values():
        one["names"] = [["crm-to-s-from-the-file", ""]]
    file.write_text(json.dumps(kept))

    again = completed(as_max(live_server, tmp_path), "show", "crm-to-s")
    other = completed(
        Environment(live_server.url, cache=tmp_path, patience_s=20), "show", "crm-to-s"
    )

    assert again == ["crm-to-s-from-the-file"]
    assert other == ["crm-to-slack-v1"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert live_server.tokens["max"] not in file.read_text()


def test_a_server_that_is_silent_is_waited_for_300_ms(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        started = monotonic()

        found = completed(Environment(url, cache=tmp_path), "show", "")

    assert found == []
    assert monotonic() - started < 5  # on a busy machine; other requests wait for 30 s


@pytest.mark.parametrize("content", ["", "[]", "{", '{"x": 1}'])
def test_a_damaged_file_is_replaced(
    live_server: LiveServer, tmp_path: Path, content: str
) -> None:
    (tmp_path / known.FILE).write_text(content)

    found = completed(as_max(live_server, tmp_path), "show", "crm-to-s")

    assert found == ["crm-to-slack-v1"]
    assert "crm-to-slack-v1" in (tmp_path / known.FILE).read_text()


@pytest.mark.parametrize("content", ["", "[]", "{", '{"x": 1}'])
def test_nothing_is_said_where_nothing_can_be_completed(
    tmp_path: Path, content: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / known.FILE).write_text(content)
    nobody = Environment("http://127.0.0.1:9", cache=tmp_path)
    no_url = Environment("nonsense://", cache=tmp_path)

    found = [completed(one, "team", "show", "") for one in (nobody, no_url)]

    assert found == [[], []]
    assert capfd.readouterr() == ("", "")
