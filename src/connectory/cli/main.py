"""The `connectory` command: finds the command that is meant, turns failures into exit codes."""

import gc
import sys
from collections.abc import Mapping, Sequence
from types import TracebackType

import click

from connectory import __version__
from connectory.cli.commands import COMMANDS
from connectory.cli.output import Output
from connectory.cli.reports import ERROR, HINT, report
from connectory.cli.session import Session
from connectory.cli.verbs import Overview
from connectory.kernel.errors import ConnectoryError, Kind

EXIT: Mapping[Kind, int] = {
    Kind.FAILED: 1,
    Kind.MALFORMED: 2,
    Kind.USAGE: 2,
    Kind.TOO_LARGE: 2,
    Kind.OUTDATED: 6,
    Kind.MISDIRECTED: 2,
    Kind.NOT_FOUND: 3,
    Kind.NOT_SIGNED_IN: 4,
    Kind.NOT_ALLOWED: 4,
    Kind.BLOCKED: 5,
    Kind.CONFLICT: 6,
    Kind.UNAVAILABLE: 7,
    Kind.RATE_LIMITED: 7,
    Kind.STORAGE_FULL: 7,
    Kind.TIMED_OUT: 8,
}
"""The one place that gives a kind of failure its exit code."""

USAGE, INTERRUPTED = 2, 130
YOUNG = 50_000  # objects, before garbage is looked for: what a start makes is none


@click.command(cls=Overview, table=COMMANDS, context_settings={"max_content_width": 100})
@click.version_option(__version__, message="connectory %(version)s")
def root() -> None:
    r"""Share vetted connectors inside your organisation.

    \b
    Start a marketplace:     connectory up --demo
    Find and try something:  connectory search slack
    """


def main() -> None:
    """Run the command line and end the process."""
    gc.set_threshold(YOUNG)
    sys.excepthook = _on_defect
    code = run(sys.argv[1:])
    gc.freeze()  # the end of the process frees everything, without looking through it first
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    session = Session()
    as_json = "--json" in arguments
    try:
        result = root.main(
            list(arguments), prog_name="connectory", standalone_mode=False, obj=session
        )
        return result if isinstance(result, int) else 0
    except ConnectoryError as failure:
        report(session.out, failure, as_json=as_json, file=session.document)
        return EXIT[failure.kind]
    except click.exceptions.NoArgsIsHelpError as asked:
        click.echo(asked.format_message(), err=True)
        return USAGE
    except click.ClickException as wrong:
        _report_usage(session.out, wrong, arguments, as_json=as_json)
        return USAGE
    except click.Abort:
        session.out.complain("interrupted")
        return INTERRUPTED
    finally:
        session.close()


def _report_usage(
    out: Output, wrong: click.ClickException, arguments: Sequence[str], *, as_json: bool
) -> None:
    message, hint = wrong.format_message().rstrip("."), ""
    context = getattr(wrong, "ctx", None)
    if context is not None:
        hint = f"{context.command_path} --help"
    if isinstance(wrong, click.exceptions.NoSuchCommand):
        message = f"no command “{wrong.command_name}”"
        if wrong.possibilities and context is not None:
            rest = arguments[arguments.index(wrong.command_name) + 1 :]
            hint = " ".join([context.command_path, wrong.possibilities[0], *rest])
            hint = f"did you mean  {hint}"
    if as_json:
        out.record(
            {"error": {"kind": Kind.USAGE, "code": "usage", "message": message, "hint": hint}}
        )
    out.complain(ERROR, " ", message[:1].lower() + message[1:])
    if hint:
        out.complain(HINT, " ", hint)


def _on_defect(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Say that there is a defect; its trace goes to a file, and only when asked for."""
    from connectory.cli import defect  # noqa: PLC0415  not for the overview

    defect.report(kind, error, trace)
