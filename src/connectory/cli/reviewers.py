"""connectory reviewer list | appoint | dismiss."""

import click

from connectory.cli.pieces import GOOD, bold
from connectory.cli.session import Session
from connectory.cli.verbs import Noun, dry_run_option

ROLES = ("architect", "security", "ops", "product")
role_argument = click.argument("role", type=click.Choice(ROLES))


@click.group(cls=Noun)
def reviewer() -> None:
    r"""Who reviews versions, and in which role: architect, security, ops, product.

    \b
    Example:
        connectory reviewer appoint sam security
    """


@reviewer.command("list")
@click.pass_obj
def list_(session: Session) -> None:
    r"""List the reviewers and their roles.

    \b
    Example:
        connectory reviewer list
    """
    found = list(session.client.access.reviewers())
    if session.out.as_json:
        session.out.document({"items": found})
        return
    session.out.table(
        ["ACCOUNT", "ROLES"], [[bold(one["account"]), ", ".join(one["roles"])] for one in found]
    )


@reviewer.command()
@click.argument("account")
@role_argument
@dry_run_option
@click.pass_obj
def appoint(session: Session, account: str, role: str) -> None:
    r"""Let ACCOUNT review in ROLE (admins). The log keeps who appointed whom.

    \b
    Example:
        connectory reviewer appoint sam security
    """
    session.client.access.appoint(account, role)
    _say(session, account, role, is_reviewer=True)


@reviewer.command()
@click.argument("account")
@role_argument
@dry_run_option
@click.pass_obj
def dismiss(session: Session, account: str, role: str) -> None:
    r"""Let ACCOUNT review in ROLE no more (admins). Its earlier sign-offs stay.

    \b
    Example:
        connectory reviewer dismiss sam security
    """
    session.client.access.dismiss(account, role)
    _say(session, account, role, is_reviewer=False)


def _say(session: Session, account: str, role: str, *, is_reviewer: bool) -> None:
    if session.out.as_json:
        session.out.document({"account": account, "role": role, "reviewer": is_reviewer})
        return
    words = "reviews" if is_reviewer else "reviews no more"
    session.out.show(GOOD, " ", bold(account), f" {words} for {role}")
