"""connectory waiver add, list, revoke."""

import click

from connectory.cli.pieces import GOOD, Piece, bold, one_line
from connectory.cli.session import Session
from connectory.cli.verbs import Noun, dry_run_option

MOST_DAYS = 90


@click.group(cls=Noun)
def waiver() -> None:
    r"""Checks that need not pass for a while. Who reviews for security gives them.

    \b
    Example:
        connectory waiver list
    """


@waiver.command()
@click.argument("connector", metavar="NAMESPACE/ID")
@click.argument("check")
@click.option("--days", required=True, type=click.IntRange(1, MOST_DAYS), help="How long.")
@click.option("-m", "--message", required=True, help="Why.")
@dry_run_option
@click.pass_obj
def add(session: Session, connector: str, check: str, days: int, message: str) -> None:
    r"""Waive CHECK for one connector, or for all of them ('*').

    What was waiting for nothing else is approved at once, and stays so when the waiver ends.

    \b
    Example:
        connectory waiver add bizops/crm-to-slack licences --days 30 -m "bought"
    """
    made = session.client.waivers.add(connector, check, reason=message, days=days)
    if session.out.as_json:
        session.out.document(made)
        return
    what = f" Waived {one_line(made['check'])} for {one_line(made['connector'])} until "
    session.out.show(GOOD, what, made["expires_at"], "  ", bold(made["id"]))


@waiver.command("list")
@click.pass_obj
def list_(session: Session) -> None:
    r"""List waivers, the next to expire first.

    \b
    Example:
        connectory waiver list --json
    """
    found = list(session.client.waivers.list())
    if session.out.as_json:
        session.out.document({"items": found})
        return
    session.out.table(
        ["WAIVER", "CONNECTOR", "CHECK", "EXPIRES", "BY", "WHY"],
        [
            [
                bold(one["id"]),
                one_line(one["connector"]),
                one_line(one["check"]),
                one["expires_at"] if one["is_in_force"] else Piece("expired", "dim"),
                one_line(one["made_by"]),
                one_line(one["reason"]),
            ]
            for one in found
        ],
    )


@waiver.command()
@click.argument("waiver_id", metavar="ID")
@dry_run_option
@click.pass_obj
def revoke(session: Session, waiver_id: str) -> None:
    r"""End a waiver before its time; what was approved by it stays approved.

    \b
    Example:
        connectory waiver revoke wai_9DK4X7Q2M0ZA
    """
    session.client.waivers.revoke(waiver_id)
    if session.out.as_json:
        session.out.document({"id": waiver_id, "revoked": True})
        return
    session.out.show(GOOD, " Ended ", bold(waiver_id))
