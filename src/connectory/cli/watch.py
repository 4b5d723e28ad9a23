"""An operation as it goes on: one line for each step that ends."""

from datetime import datetime

import click

from connectory.cli.output import Output
from connectory.cli.pieces import BAD, GOOD, RUNNING, UNDONE, WARN, Piece, dim, one_line
from connectory.cli.session import Session
from connectory.client.errors import RefusedError, StillRunningError
from connectory.client.operations import FINAL, Operation, Step
from connectory.kernel.errors import Kind

WAIT_S = 300.0
MARKS = {"done": GOOD, "failed": BAD, "undone": UNDONE, "skipped": Piece("-", "dim")}
INTERRUPTED = 130


def watch(session: Session, operation_id: str) -> Operation:
    """Show the steps of an operation until it ends, and return it in its final state.

    Raises:
        StillRunningError: If it does not end within the `--timeout` of the command.
        click.exceptions.Exit: With 130, if the person stops watching; the operation goes on.
    """
    try:
        return _followed(session, operation_id)
    except KeyboardInterrupt:
        session.out.settle()
        look = f"connectory operations show {operation_id} --follow"
        session.out.complain(WARN, f" stopped watching; the operation goes on: {look}")
        raise click.exceptions.Exit(INTERRUPTED) from None


def _followed(session: Session, operation_id: str) -> Operation:
    told: dict[str, str] = {}
    timeout_s = session.flags.timeout or WAIT_S
    for seen in session.client.operations.follow(operation_id, timeout_s=timeout_s):
        for step in seen["steps"]:
            if told.get(step["name"]) != step["state"]:
                told[step["name"]] = step["state"]
                show_step(session.out, step)
        if seen["state"] in FINAL:
            session.out.settle()
            return seen
    raise StillRunningError(operation_id, timeout_s)


def show_step(out: Output, step: Step) -> None:
    """Write a step that ended; one that runs stands there until it has."""
    title = f" {one_line(step['title'])}"
    mark = MARKS.get(step["state"])
    if mark is None:
        if step["state"] == "running":
            out.live("  ", RUNNING, title)
        return
    out.settle()
    detail = f"   {one_line(step['detail'])}" if step["detail"] else ""
    out.say("  ", mark, title, dim(f"   {_took(step)}"), detail)


def failure_of(operation: Operation) -> RefusedError | None:
    """Return the error of an operation that did not succeed, None for one that did."""
    if operation["state"] == "succeeded":
        return None
    error = operation["error"]
    if error is None:
        return RefusedError(
            f"{operation['id']} was {operation['state']}",
            hint=f"look at its steps: connectory operations show {operation['id']}",
            kind=Kind.FAILED,
            code="operation-ended",
        )
    return RefusedError(
        error["message"], hint=error["hint"], kind=Kind.FAILED, code=error["code"]
    )


def seconds_of(started: str | None, ended: str | None) -> float | None:
    """Seconds between two times, None while one of them is open."""
    if not started or not ended:
        return None
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(started)).total_seconds()


def _took(step: Step) -> str:
    seconds = seconds_of(step["started"], step["ended"])
    return "" if seconds is None else f"{seconds:.1f} s"
