"""connectory pause, resume, restart, rotate."""

from collections.abc import Callable

import click

from connectory.cli import known
from connectory.cli.names import team_option, which
from connectory.cli.pieces import GOOD, bold, dim, one_line
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.cli.watch import failure_of, seconds_of, watch
from connectory.client.instances import Accepted, Preview

PAST = {
    "pause": "Paused",
    "resume": "Resumed",
    "restart": "Restarted",
    "rotate": "Rotated the credentials of",
}

wait_option = click.option(
    "--wait/--no-wait", default=True, help="Wait until it is done.", show_default=True
)


def change_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add what pause, resume, restart, rotate and rollback have in common."""
    argument = click.argument("name", metavar="[TEAM/]NAME", shell_complete=known.instances)
    dry_run = click.option("--dry-run", is_flag=True, help="Only say what would be done.")
    return argument(team_option(wait_option(dry_run(command))))


@click.command(cls=Verb)
@change_options
@click.pass_obj
def pause(session: Session, /, name: str, team: str | None, **how: bool) -> None:
    r"""Stop an instance and keep everything of it. Its hooks ask callers to come back.

    \b
    Example:
        connectory pause payments/leads
    """
    _turn(session, which(session, name, team), "pause", **how)


@click.command(cls=Verb)
@change_options
@click.pass_obj
def resume(session: Session, /, name: str, team: str | None, **how: bool) -> None:
    r"""Start a paused instance again, as it was.

    \b
    Example:
        connectory resume payments/leads
    """
    _turn(session, which(session, name, team), "resume", **how)


@click.command(cls=Verb)
@change_options
@click.pass_obj
def restart(session: Session, /, name: str, team: str | None, **how: bool) -> None:
    r"""Replace the process of an instance by a new one with the same settings.

    \b
    Example:
        connectory restart payments/leads
    """
    _turn(session, which(session, name, team), "restart", **how)


@click.command(cls=Verb)
@change_options
@click.pass_obj
def rotate(session: Session, /, name: str, team: str | None, **how: bool) -> None:
    r"""Give an instance a new hook key and the team's secrets as they are now.

    Events wait while its process is replaced. Afterwards the old hook key is refused.

    \b
    Example:
        connectory rotate payments/leads
    """
    whose = which(session, name, team)
    _turn(session, whose, "rotate", **how)
    if not how["dry_run"]:
        session.out.say("Who calls it by hand needs the new address: ", _hooks(whose))


def _hooks(whose: tuple[str, str]) -> str:
    return f"connectory hooks {'/'.join(whose)}"


def _turn(
    session: Session, whose: tuple[str, str], change: str, *, wait: bool, dry_run: bool
) -> None:
    if dry_run:
        preview(session, whose, change)
        return
    accepted = session.client.instances.turn(*whose, change)
    finish(session, accepted, f"{PAST[change]} {'/'.join(whose)}", wait=wait)


def preview(session: Session, whose: tuple[str, str], change: str) -> Preview:
    """Say what a change would do, and return it."""
    said, out = session.client.instances.preview(*whose, change), session.out
    if out.as_json:
        out.document(said)
        return said
    out.title(f"{change.capitalize()} {'/'.join(whose)}", dim("   (nothing changed)"))
    out.show("  ", one_line(said["effect"]))
    for step in said["steps"]:
        out.show("  - ", one_line(step))
    return said


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
