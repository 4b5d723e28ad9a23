"""connectory operations list, show, cancel, retry, undo."""

from itertools import islice

import click

from connectory.cli import known
from connectory.cli.assignments import ASSIGNMENT
from connectory.cli.pieces import Piece, bold, one_line
from connectory.cli.session import Session
from connectory.cli.verbs import Noun, dry_run_option
from connectory.cli.watch import failure_of, show_step, watch
from connectory.client.operations import Operation

STATES = ("waiting", "running", "succeeded", "failed", "undone", "cancelled")
TONES = {"succeeded": "good", "failed": "bad", "undone": "warn"}


@click.group(cls=Noun)
def operations() -> None:
    r"""Watch changes of instances.

    \b
    Example:
        connectory operations list --team payments
    """


@operations.command("list")
@click.option("--team", shell_complete=known.teams, help="Only of this team.")
@click.option("--state", type=click.Choice(STATES), help="Only in this state.")
@click.option("--kind", help="Only of this kind, such as install or upgrade.")
@click.option("--instance", help="Only of this instance.", metavar="[TEAM/]NAME")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
@click.pass_obj
def list_(session: Session, /, limit: int, **filters: str | None) -> None:
    r"""List operations, newest first.

    \b
    Example:
        connectory operations list --state failed
    """
    every = session.client.operations.list(**filters)
    found = list(islice(every, limit))
    if session.out.as_json:
        session.out.document({"items": found})
        return
    session.out.table(
        ["OPERATION", "WHAT", "INSTANCE", "STATE", "BEGUN", "BY"],
        [
            [
                bold(one["id"]),
                one["kind"],
                one["instance"],
                Piece(one["state"], TONES.get(one["state"], "")),
                one["created_at"],
                one["by"],
            ]
            for one in found
        ],
    )


@operations.command()
@click.argument("operation_id", metavar="ID", shell_complete=known.operations)
@click.option("-f", "--follow", is_flag=True, help="Wait until it ends.")
@click.pass_obj
def show(session: Session, operation_id: str, *, follow: bool) -> None:
    r"""Show an operation and its steps. With --follow, exits 1 if it did not succeed.

    \b
    Example:
        connectory operations show op_9DK4X7Q2M0ZA --follow
    """
    found = (
        watch(session, operation_id) if follow else session.client.operations.show(operation_id)
    )
    if session.out.as_json:
        session.out.document(found)
    else:
        session.out.pairs(
            [
                ("operation", bold(found["id"])),
                ("what", f"{found['kind']} {found['instance']}"),
                ("state", Piece(found["state"], TONES.get(found["state"], ""))),
                ("begun", f"{found['created_at']} by {found['by']}"),
                ("ended", found["ended_at"] or ""),
                ("why", one_line(found["error"]["message"]) if found["error"] else ""),
            ]
        )
        if not follow:
            for step in found["steps"]:
                show_step(session.out, step)
    failure = failure_of(found) if follow else None
    if failure is not None:
        raise failure


@operations.command()
@click.argument("operation_id", metavar="ID", shell_complete=known.operations)
@dry_run_option
@click.pass_obj
def cancel(session: Session, operation_id: str) -> None:
    r"""Call an operation off: after its present step, what it has done is undone.

    \b
    Example:
        connectory operations cancel op_9DK4X7Q2M0ZA
    """
    _steered(session, operation_id, "cancel", "is being cancelled")


@operations.command()
@click.argument("operation_id", metavar="ID", shell_complete=known.operations)
@click.option("--set", "settings", multiple=True, type=ASSIGNMENT, help="Value of a setting.")
@click.option("--secret", "secrets", multiple=True, type=ASSIGNMENT, help="Where a secret is.")
@dry_run_option
@click.pass_obj
def retry(
    session: Session,
    operation_id: str,
    settings: tuple[tuple[str, str], ...],
    secrets: tuple[tuple[str, str], ...],
) -> None:
    r"""Let an operation go on where it failed; one that was undone begins anew.

    An install or upgrade that was undone can begin anew with other settings.

    \b
    Example:
        connectory operations retry op_9DK4X7Q2M0ZA --set slack_channel=#leads
    """
    found = session.client.operations.retry(operation_id, dict(settings), dict(secrets))
    _told(session, found, "is tried again")


@operations.command()
@click.argument("operation_id", metavar="ID", shell_complete=known.operations)
@dry_run_option
@click.pass_obj
def undo(session: Session, operation_id: str) -> None:
    r"""Take back an operation that succeeded: another one does its opposite.

    An install is removed, an upgrade rolled back, a pause resumed.

    \b
    Example:
        connectory operations undo op_9DK4X7Q2M0ZA
    """
    _steered(session, operation_id, "undo", f"takes back {operation_id}")


def _steered(session: Session, operation_id: str, how: str, sentence: str) -> None:
    _told(session, session.client.operations.steer(operation_id, how), sentence)


def _told(session: Session, found: Operation, sentence: str) -> None:
    if session.out.as_json:
        session.out.document(found)
    else:
        session.out.show(bold(found["id"]), f" {sentence}")
    session.out.next(f"connectory operations show {found['id']} --follow")
