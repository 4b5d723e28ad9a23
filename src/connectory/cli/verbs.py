"""Commands and groups as this command line has them: shared options, lazy loading."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from connectory.cli.session import COLOURS, Session

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

SHARED = "Options of every command"


@dataclass(frozen=True, slots=True)
class Entry:
    """A command that is imported when it is called, and its line in the overview."""

    module: str
    attribute: str
    section: str
    summary: str

    def load(self) -> click.Command:
        """Import the command."""
        command: click.Command = getattr(importlib.import_module(self.module), self.attribute)
        return command


def shared_options() -> list[click.Option]:
    """Make the options that every command takes; they end in the session, not in arguments."""
    return [
        _flag(["--json", "as_json"], "Print the result as JSON."),
        _option(["--url"], "Server to talk to [CONNECTORY_URL].", metavar="URL"),
        _option(
            ["--timeout"],
            "How long to wait.",
            type=click.FloatRange(min=0.1),
            metavar="SECONDS",
        ),
        _option(["--color"], "When to use colour.", type=click.Choice(list(COLOURS))),
        _flag(["--no-input"], "Never ask; fail where a question is open."),
        _flag(["-q", "--quiet"], "Leave out everything but the result."),
        _flag(["-v", "--verbose"], "Show the HTTP exchange, secrets masked."),
    ]


def dry_run_option(command: Callable[..., None]) -> Callable[..., None]:
    """Add the option that shows the request of a command in place of sending it."""
    return click.option(
        "--dry-run",
        is_flag=True,
        expose_value=False,
        callback=_note,
        help="Only show the request that would be sent.",
    )(command)


class Verb(click.Command):
    """A command with the shared options, which its help lists last."""

    def __init__(self, *args: Any, **more: Any) -> None:  # noqa: ANN401  click's own signature
        super().__init__(*args, **_unescaped(more))
        self._shared = shared_options()
        self.params.extend(self._shared)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of this command, then those of every command."""
        own = [
            param
            for param in self.get_params(ctx)
            if isinstance(param, click.Option) and param not in self._shared
        ]
        _write_options("Options", own, ctx, formatter)
        _write_options(SHARED, self._shared, ctx, formatter)


class Noun(click.Group):
    """A group such as `team`; its commands are verbs."""

    command_class = Verb

    def __init__(self, *args: Any, **more: Any) -> None:  # noqa: ANN401  click's own signature
        super().__init__(*args, **_unescaped(more))


class Overview(click.Group):
    """The root: knows its commands by name only, until one is called.

    What the overview does not need is imported in the function that needs it.
    """

    def __init__(self, *args: Any, table: Mapping[str, Entry], **more: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **_unescaped(more))
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  as click calls it
        """Name the commands in the order of the table."""
        return list(self._table)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002  as click calls it
        cmd_name: str,
    ) -> click.Command | None:
        """Import a command, None if there is none of that name."""
        entry = self._table.get(cmd_name)
        return entry.load() if entry else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is called; a wrong name is met with the nearest right one."""
        name = args[0]
        if name not in self._table and not name.startswith("-"):
            raise click.exceptions.NoSuchCommand(name, possibilities=self._table, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002  as click calls it
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the overview section by section, importing nothing."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, entry in self._table.items():
            sections.setdefault(entry.section, []).append((name, entry.summary))
        for title, rows in sections.items():
            with formatter.section(title):
                formatter.write_dl(rows)

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002  as click calls it
        incomplete: str,
    ) -> "list[CompletionItem]":
        """Complete the name of a command, importing none."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415  see `Overview`

        return [
            CompletionItem(name, help=entry.summary)
            for name, entry in self._table.items()
            if name.startswith(incomplete)
        ]


def _unescaped(more: dict[str, Any]) -> dict[str, Any]:
    r"""Turn the `\b` of raw docstrings into the mark that keeps click from joining lines."""
    return {**more, "help": (more.get("help") or "").replace("\\b\n", "\b\n")}


def _flag(names: list[str], text: str) -> click.Option:
    return click.Option(names, help=text, is_flag=True, expose_value=False, callback=_note)


def _option(names: list[str], text: str, **more: Any) -> click.Option:  # noqa: ANN401
    return click.Option(names, help=text, expose_value=False, callback=_note, **more)


def _note(ctx: click.Context, param: click.Parameter, value: object) -> None:
    if value and param.name:
        setattr(ctx.ensure_object(Session).flags, param.name, value)


def _write_options(
    title: str,
    params: Sequence[click.Parameter],
    ctx: click.Context,
    formatter: click.HelpFormatter,
) -> None:
    rows = [row for param in params if (row := param.get_help_record(ctx)) is not None]
    if rows:
        with formatter.section(title):
            formatter.write_dl(rows)
