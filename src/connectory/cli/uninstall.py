"""connectory uninstall."""

from typing import ClassVar

import click

from connectory.cli import known
from connectory.cli.names import team_option, which
from connectory.cli.pieces import GOOD, bold
from connectory.cli.session import DeclinedError, NoTerminalError, Session
from connectory.cli.verbs import Verb
from connectory.cli.watch import failure_of, seconds_of, watch
from connectory.kernel.errors import ConnectoryError, Kind


class ConfirmationError(ConnectoryError):
    """The name given to confirm a removal is not the name of what would be removed."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "confirmation-differs"

    def __init__(self, confirm: str, name: str) -> None:
        super().__init__(
            f"--confirm says `{confirm}` and the instance is `{name}`",
            hint=f"add --confirm {name} if that is the one to remove",
            field="confirm",
        )


@click.command(cls=Verb)
@click.argument("name", metavar="[TEAM/]NAME", shell_complete=known.instances)
@team_option
@click.option("-y", "--yes", is_flag=True, help="Do not ask; needs --confirm.")
@click.option("--confirm", help="The name of the instance once more.", metavar="NAME")
@click.option(
    "--wait/--no-wait", default=True, help="Wait until it is gone.", show_default=True
)
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@click.pass_obj
def uninstall(  # noqa: PLR0913  one argument for each option
    session: Session,
    name: str,
    team: str | None,
    confirm: str | None,
    *,
    yes: bool,
    wait: bool,
    dry_run: bool,
) -> None:
    r"""Remove an instance and everything that installing it made.

    \b
    Example:
        connectory uninstall leads --team payments --yes --confirm leads
    """
    slug, instance = which(session, name, team)
    found = session.client.instances.show(slug, instance)
    connector = found["connector"]
    what = (
        f"{slug}/{instance} ({connector['id']} {connector['version']}, {found['environment']})"
    )
    if dry_run:
        _would(session, slug, instance, what)
        return
    _confirm(session, instance, what, confirm=confirm if yes else None)
    accepted = session.client.instances.remove(slug, instance)
    operation_id = accepted["operation"]
    session.out.say(bold(operation_id), f"  {slug}/{instance}")
    if not wait:
        _answer(session, {**accepted}, f"{slug}/{instance} is being removed")
        session.out.next(f"connectory operations show {operation_id} --follow")
        return
    operation = watch(session, operation_id)
    failure = failure_of(operation)
    seconds = seconds_of(operation["created_at"], operation["ended_at"]) or 0.0
    if session.out.as_json or failure is None:
        _answer(session, {"operation": operation}, f"Removed {what} in {seconds:.1f} s")
    if failure is not None:
        raise failure


def _confirm(session: Session, name: str, what: str, *, confirm: str | None) -> None:
    if confirm is None:
        if not session.has_terminal:
            hint = f"add --yes --confirm {name}"
            raise NoTerminalError("removing needs confirmation", hint)
        session.out.complain(f"This stops {what} and removes what installing it made.")
        confirm = click.prompt(f"Type {name} to confirm", err=True)
        if confirm != name:
            raise DeclinedError
    if confirm != name:
        raise ConfirmationError(confirm, name)


def _would(session: Session, team: str, name: str, what: str) -> None:
    if session.out.as_json:
        session.out.document({"team": team, "name": name, "would": "remove"})
    else:
        session.out.show(f"Would remove {what}; nothing was changed")


def _answer(session: Session, body: dict[str, object], sentence: str) -> None:
    if session.out.as_json:
        session.out.document(body)
    else:
        session.out.show(GOOD, " ", sentence)
