"""connectory token create | list | revoke."""

from datetime import datetime

import click

from connectory.cli.pieces import GOOD, bold
from connectory.cli.session import Session
from connectory.cli.verbs import Noun, dry_run_option

SCOPES = ("read", "publish", "operate", "admin", "bulk")


@click.group(cls=Noun)
def token() -> None:
    r"""Make, list and revoke access tokens.

    \b
    Example:
        connectory token create ci --scope read --scope publish
    """


@token.command()
@click.argument("name", required=False, default="cli")
@click.option(
    "--as", "account", default="", metavar="ACCOUNT", help="For another account (admins)."
)
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="What it is for."
)
@click.option("--days", type=click.IntRange(1, 365), help="How long it works.")
@dry_run_option
@click.pass_obj
def create(
    session: Session, name: str, account: str, scopes: tuple[str, ...], days: int | None
) -> None:
    r"""Make a token called NAME. Its value is printed this once, alone on standard output.

    \b
    Example:
        connectory token create ci --scope publish --days 30
    """
    made = session.client.access.create_token(name, scopes=scopes, days=days, account=account)
    if session.out.as_json:
        session.out.document(made)
        return
    session.out.show(made["token"])
    session.out.say(
        f"Token {made['id']} of {made['account']} for {', '.join(made['scopes'])}, "
        f"until {_day(made['expires_at'])}. It is not shown again."
    )


@token.command("list")
@click.pass_obj
def list_(session: Session) -> None:
    r"""List your tokens, without their values.

    \b
    Example:
        connectory token list
    """
    tokens = list(session.client.access.tokens())
    if session.out.as_json:
        session.out.document({"items": tokens})
        return
    session.out.table(
        ["ID", "NAME", "EXPIRES", "LAST USED", "SCOPES"],
        [
            [
                bold(one["id"]),
                one["name"],
                _day(one["expires_at"]),
                _day(one.get("last_used_at")),
                ", ".join(one["scopes"]),
            ]
            for one in tokens
        ],
    )


@token.command()
@click.argument("token_id", metavar="ID")
@dry_run_option
@click.pass_obj
def revoke(session: Session, token_id: str) -> None:
    r"""End the token ID at once.

    \b
    Example:
        connectory token revoke tok_9DK4X7Q2M0ZA
    """
    session.client.access.revoke_token(token_id)
    if session.out.as_json:
        session.out.document({"id": token_id, "revoked": True})
        return
    session.out.show(GOOD, " Revoked ", bold(token_id))


def _day(moment: str | None) -> str:
    return f"{datetime.fromisoformat(moment):%Y-%m-%d}" if moment else "never"
