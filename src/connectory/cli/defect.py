"""What happens when the command line itself is at fault."""

import os
import tempfile
import traceback
from types import TracebackType

import click

from connectory.cli import environment
from connectory.cli.pieces import one_line


def report(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Say that there is a defect, and keep the trace in a file where `CONNECTORY_DEBUG` is set.

    The trace names lines of code and no values of variables; the message of the error is
    in it.
    """
    click.echo(f"error: the command has a defect: {kind.__name__}: {one_line(error)}", err=True)
    if not environment.read().debug:
        click.echo("hint: set CONNECTORY_DEBUG=1 to keep the trace in a file", err=True)
        return
    handle, path = tempfile.mkstemp(prefix="connectory-defect-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.writelines(traceback.format_exception(kind, error, trace))
    click.echo(f"hint: report it with {path}", err=True)
