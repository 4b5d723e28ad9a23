"""connectory review delegate | delegations | undelegate."""

import click

from connectory.cli.pieces import GOOD, bold
from connectory.cli.reviewers import ROLES
from connectory.cli.session import Session
from connectory.cli.verbs import Verb, dry_run_option
from connectory.client.delegations import Delegation

RISKS = ("low", "medium", "high")


@click.command(cls=Verb)
@click.argument("account")
@click.option("--role", required=True, type=click.Choice(ROLES), help="One of your own.")
@click.option("--days", required=True, type=click.IntRange(1, 90), help="Until it ends.")
@click.option("--tag", default="", help="Only versions with this tag, such as domain:sales.")
@click.option(
    "--risk",
    type=click.Choice(RISKS),
    default="high",
    help="Only up to this.",
    show_default=True,
)
@dry_run_option
@click.pass_obj
def delegate(session: Session, account: str, role: str, days: int, tag: str, risk: str) -> None:
    r"""Let ACCOUNT decide for you in a role, for a while. Never a veto, nor your own work.

    \b
    Example:
        connectory review delegate max --role ops --days 14 --tag domain:sales --risk medium
    """
    made = session.client.delegations.add(account, role, days=days, tag=tag, risk=risk)
    if session.out.as_json:
        session.out.document(made)
        return
    session.out.show(GOOD, " ", bold(made["to"]), f" decides for {made['by']}: {_scope(made)}")
    session.out.next(f"connectory review undelegate {made['id']}")


@click.command(cls=Verb)
@click.pass_obj
def delegations(session: Session) -> None:
    r"""List what you delegated and what was delegated to you; an admin sees all.

    \b
    Example:
        connectory review delegations
    """
    found = list(session.client.delegations.list())
    if session.out.as_json:
        session.out.document({"items": found})
        return
    session.out.table(
        ["ID", "BY", "TO", "WHAT", "COUNTS"],
        [
            [
                bold(one["id"]),
                one["by"],
                one["to"],
                _scope(one),
                "yes" if one["in_force"] else "no",
            ]
            for one in found
        ],
    )


@click.command(cls=Verb)
@click.argument("delegation", metavar="ID")
@dry_run_option
@click.pass_obj
def undelegate(session: Session, delegation: str) -> None:
    r"""End a delegation now. What was decided by it stays.

    \b
    Example:
        connectory review undelegate del_9DK4X7Q2M0ZA
    """
    session.client.delegations.revoke(delegation)
    if session.out.as_json:
        session.out.document({"id": delegation, "revoked": True})
        return
    session.out.show(GOOD, " Ended ", bold(delegation))


def _scope(one: Delegation) -> str:
    tag = f", tagged {one['tag']}" if one["tag"] else ""
    return f"{one['role']}, up to {one['risk']} risk{tag}, until {one['ends_at'][:10]}"
