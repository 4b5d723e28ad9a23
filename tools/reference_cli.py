"""docs/reference/cli.md: every command with its help."""

from collections.abc import Iterator
from itertools import groupby

import click

from connectory.cli.commands import COMMANDS
from connectory.cli.verbs import SHARED, Verb

HEAD = """\
# Command line

`connectory <command>`; the server is `--url`, else `CONNECTORY_URL`, else the one signed in to
last, else http://127.0.0.1:7600. Results go to standard output, talk to standard error.

| exit code | means |
| --- | --- |
| 0 | done |
| 1 | a check or a run said no |
| 2 | the command was not understood, or what was sent is wrong |
| 3 | there is no such thing |
| 4 | nobody is signed in, or it is not allowed |
| 5 | blocked by policy or vetting |
| 6 | conflict: it exists already, or has changed meanwhile |
| 7 | the server is not available; trying again is safe |
| 8 | timed out; it may still be going on |
| 130 | interrupted |

"""
WIDTH = 90


def cli_page() -> str:
    """Return the page, in the order and sections of the overview."""
    text = f"{HEAD}```text\n{_shared()}\n```\n\n"
    for section, entries in groupby(COMMANDS.items(), key=lambda item: item[1].section):
        text += f"## {section}\n\n"
        for name, entry in entries:
            text += "".join(_command(f"connectory {name}", entry.load()))
    return text


def _shared() -> str:
    """Return the options that every command takes; they are left out below."""
    verb = Verb("any")
    with click.Context(verb, terminal_width=WIDTH) as context:
        _, title, options = verb.get_help(context).partition(SHARED)
    return (title + options).rstrip()


def _command(name: str, command: click.Command) -> Iterator[str]:
    with click.Context(command, info_name=name, terminal_width=WIDTH) as context:
        own = command.get_help(context).partition(SHARED)[0].rstrip()
    yield f"### {name}\n\n```text\n{own}\n```\n\n"
    if isinstance(command, click.Group):
        for verb in command.list_commands(context):
            inner = command.get_command(context, verb)
            if inner is not None:
                yield from _command(f"{name} {verb}", inner)
