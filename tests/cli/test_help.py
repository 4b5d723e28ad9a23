"""Every command, walked: what help and flags promise holds everywhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from connectory.cli.commands import COMMANDS
from connectory.cli.main import root


def leaves() -> Iterator[tuple[str, click.Command]]:
    for name, entry in COMMANDS.items():
        command = entry.load()
        if isinstance(command, click.Group):
            yield from (
                (f"{name} {inner}", command.commands[inner]) for inner in command.commands
            )
        else:
            yield name, command


LEAVES = dict(leaves())
GROUPS = {name: entry.load() for name, entry in COMMANDS.items() if name not in LEAVES}


@pytest.mark.parametrize(
    "command", [*LEAVES.values(), *GROUPS.values()], ids=[*LEAVES, *GROUPS]
)
def test_every_command_has_a_summary_and_an_example(command: click.Command) -> None:
    assert command.get_short_help_str(200).endswith(".")
    assert re.search("\x08\n *Example:\n +connectory ", command.help or "")


@pytest.mark.parametrize("command", LEAVES.values(), ids=LEAVES)
def test_every_command_takes_the_shared_options(command: click.Command) -> None:
    taken = {option for param in command.params for option in param.opts}

    assert {"--json", "--url", "--quiet", "--verbose", "--color", "--no-input"} <= taken


@pytest.mark.parametrize("command", LEAVES.values(), ids=LEAVES)
def test_no_command_takes_a_token_or_a_secret_as_an_option_value(
    command: click.Command,
) -> None:
    options = {
        option: param
        for param in command.params
        if isinstance(param, click.Option) and not param.is_flag
        if not isinstance(param.type, click.Path)  # a file with a key is none on the line
        for option in param.opts
    }

    assert not {"--token", "--password", "--value", "--key"} & set(options)


@pytest.mark.parametrize("name", LEAVES)
def test_help_works_for_every_command(offline, name: str) -> None:
    done = offline(*name.split(), "--help")

    assert done.code == 0
    assert "Example:\n" in done.out
    assert "Options of every command:" in done.out


@pytest.mark.parametrize("name", [name for name in LEAVES if name != "up"])
def test_every_command_works_with_standard_input_closed(
    offline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)  # `ci init` writes where it is
    needed = [
        "bash" if name == "completion" else "GET" if param.name == "method" else "/x"
        for param in LEAVES[name].params
        if isinstance(param, click.Argument) and param.required
    ]

    done = offline(*name.split(), *needed, "--json", closed=True)

    assert done.code in range(9)
    assert done.json["schema_version"] == 1


def test_every_table_entry_is_a_command_of_its_name() -> None:
    named = {name: entry.load().name for name, entry in COMMANDS.items()}

    assert all(name == command for name, command in named.items())


def test_names_of_commands_are_completed_without_loading_any() -> None:
    with click.Context(root) as context:
        found = root.shell_complete(context, "se")

    assert [item.value for item in found] == ["search", "searches", "set", "secret"]
