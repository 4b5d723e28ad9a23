"""The command line in this process, against the demo or against nothing."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner

from connectory.cli.main import run
from marketplaces import LiveServer

NOBODY = "http://127.0.0.1:9"  # the discard port: nothing answers there


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        return json.loads(self.out)


Cli = Callable[..., Ran]


def ran(
    *arguments: str, env: dict[str, str | None], stdin: str | None = None, closed: bool = False
) -> Ran:
    """Run a command; `closed` gives it no standard input at all, as some schedulers do."""
    with CliRunner().isolation(input=stdin, env=env) as (out, err, _):
        sys.stdin = None if closed else sys.stdin
        code = run(arguments)
        return Ran(code, out.getvalue().decode(), err.getvalue().decode())


@pytest.fixture
def offline(tmp_path: Path) -> Cli:
    """Run a command with no server and an empty configuration directory."""

    def call(
        *arguments: str, stdin: str | None = None, closed: bool = False, **env: str
    ) -> Ran:
        blank = {"CONNECTORY_TOKEN": None, "NO_COLOR": None, "XDG_CONFIG_HOME": str(tmp_path)}
        whole = {**blank, "CONNECTORY_URL": NOBODY, **env}
        return ran(*arguments, stdin=stdin, closed=closed, env=whole)

    return call


def against(server: LiveServer, config: Path) -> Cli:
    """Return a function that runs a command against a server, as the admin or `account`."""

    def call(*arguments: str, stdin: str | None = None, account: str = "", **env: str) -> Ran:
        known = {
            "CONNECTORY_URL": server.url,
            "CONNECTORY_TOKEN": server.tokens[account] if account else server.admin_token,
            "XDG_CONFIG_HOME": str(config),
            "NO_COLOR": None,
        }
        return ran(*arguments, stdin=stdin, env={**known, **env})

    return call


@pytest.fixture
def cli(live_server: LiveServer, tmp_path: Path) -> Cli:
    """Run a command against the demo."""
    return against(live_server, tmp_path)


@pytest.fixture(scope="module")
def installed(
    live_server: LiveServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """An instance of the team payments, for the tests of one module."""
    call = against(live_server, tmp_path_factory.mktemp("config"))
    name = a_name()
    channel = ("--set", "slack_channel=#leads")
    done = call("install", "crm-to-slack-v1", *channel, "--name", name, "--yes", account="max")
    assert done.code == 0, done.err
    yield name
    call("uninstall", name, "--yes", "--confirm", name, account="max")


@pytest.fixture
def fresh() -> str:
    """A name that no other test uses; the demo is shared."""
    return a_name()


def a_name() -> str:
    return f"t-{uuid4().hex[:10]}"
