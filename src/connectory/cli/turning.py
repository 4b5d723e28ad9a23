"""connectory pause, resume, restart."""

from collections.abc import Callable

import click

from connectory.cli.names import team_option, which
from connectory.cli.pieces import GOOD, bold
from connectory.cli.session import Session
from connectory.cli.verbs import Verb, dry_run_option
from connectory.cli.watch import failure_of, seconds_of, watch
from connectory.client.instances import Accepted

wait_option = click.option(
    "--wait/--no-wait", default=True, help="Wait until it is done.", show_default=True
)


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """Add what pause, resume and restart have in common."""
    argument = click.argument("name", metavar="[TEAM/]NAME")
    return argument(team_option(wait_option(dry_run_option(command))))


@click.command(cls=Verb)
@_options
@click.pass_obj
def pause(session: Session, name: str, team: str | None, *, wait: bool) -> None:
    r"""Stop an instance and keep everything of it. Its hooks ask callers to come back.

    \b
    Example:
        connectory pause payments/leads
    """
    _turn(session, which(session, name, team), "pause", wait=wait)


@click.command(cls=Verb)
@_options
@click.pass_obj
def resume(session: Session, name: str, team: str | None, *, wait: bool) -> None:
    r"""Start a paused instance again, as it was.

    \b
    Example:
        connectory resume payments/leads
    """
    _turn(session, which(session, name, team), "resume", wait=wait)


@click.command(cls=Verb)
@_options
@click.pass_obj
def restart(session: Session, name: str, team: str | None, *, wait: bool) -> None:
    r"""Replace the process of an instance by a new one with the same settings.

    \b
    Example:
        connectory restart payments/leads
    """
    _turn(session, which(session, name, team), "restart", wait=wait)


def _turn(session: Session, whose: tuple[str, str], change: str, *, wait: bool) -> None:
    accepted = session.client.instances.turn(*whose, change)
    past = {"pause": "Paused", "resume": "Resumed", "restart": "Restarted"}[change]
    finish(session, accepted, f"{past} {'/'.join(whose)}", wait=wait)


def finish(session: Session, accepted: Accepted, done: str, *, wait: bool) -> None:
    """Watch an operation to its end, or say how to; `done` is the sentence of its success.

    Raises:
        RefusedError: If it did not succeed.
    """
    out, operation_id = session.out, accepted["operation"]
    label = f"{accepted['instance']['team']}/{accepted['instance']['name']}"
    out.say(bold(operation_id), f"  {label}")
    if not wait:
        if out.as_json:
            out.document(accepted)
        out.next(f"connectory operations show {operation_id} --follow")
        return
    operation = watch(session, operation_id)
    if out.as_json:
        out.document({"operation": operation})
    failure = failure_of(operation)
    if failure is not None:
        raise failure
    if not out.as_json:
        seconds = seconds_of(operation["created_at"], operation["ended_at"]) or 0.0
        out.show(GOOD, f" {done} in {seconds:.1f} s")
    out.next(f"connectory status {label}")
