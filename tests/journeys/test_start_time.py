"""The command line starts light: measured by its imports, which no busy machine changes."""

import subprocess
import sys

import pytest

REPORT = (
    "; print(*sorted(m for m in sys.modules if '.' not in m or m.startswith('connectory.')))"
)
LIGHT = {
    "connectory.cli",
    "connectory.cli.commands",
    "connectory.cli.credentials",
    "connectory.cli.environment",
    "connectory.cli.main",
    "connectory.cli.output",
    "connectory.cli.pieces",
    "connectory.cli.private_file",
    "connectory.cli.reports",
    "connectory.cli.session",
    "connectory.cli.verbs",
    "connectory.kernel",
    "connectory.kernel.errors",
    "connectory.kernel.secret",
    "connectory.kernel.texts",
}
SERVER = {
    "alembic",
    "fastapi",
    "httpx2",
    "pydantic",
    "sqlalchemy",
    "starlette",
    "tantivy",
    "uvicorn",
}


def imported(*arguments: str) -> set[str]:
    """Return the modules that are there after a command has ended."""
    code = f"import sys; from connectory.cli.main import run; run({list(arguments)!r})"
    done = subprocess.run(
        [sys.executable, "-c", code + REPORT], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("serach",)])
def test_the_overview_imports_click_and_a_dozen_small_modules(
    arguments: tuple[str, ...],
) -> None:
    names = imported(*arguments)

    assert {name for name in names if name.startswith("connectory.")} == LIGHT
    assert not {"httpx2", "pydantic", "yaml"} & names


@pytest.mark.parametrize("command", ["search", "install", "logs", "secret", "publish", "api"])
def test_a_command_that_calls_a_server_imports_none_of_its_modules(command: str) -> None:
    names = imported(command, "--help")

    floors = {name.split(".")[1] for name in names if name.startswith("connectory.")}
    assert floors <= {"cli", "client", "gates", "kernel", "scaffold"}
    assert not SERVER & names
