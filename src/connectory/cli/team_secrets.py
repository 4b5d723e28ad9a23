"""connectory secret set | list | test | delete."""

import sys

import click

from connectory.cli import known
from connectory.cli.pieces import BAD, GOOD, bold
from connectory.cli.session import Session
from connectory.cli.verbs import Noun, dry_run_option
from connectory.kernel.secret import Secret

HOW = "put it on standard input: connectory secret set NAME --stdin < value.txt"

team_option = click.option(
    "--team", "team", shell_complete=known.teams, help="Team; your only one when left out."
)


@click.group(cls=Noun)
def secret() -> None:
    r"""The secrets that a team has stored. Their values are never shown.

    \b
    Example:
        connectory secret set slack_bot_token --team payments
    """


@secret.command("set")
@click.argument("name")
@team_option
@click.option("--stdin", "from_stdin", is_flag=True, help="Read the value from standard input.")
@dry_run_option
@click.pass_obj
def set_(session: Session, name: str, team: str | None, *, from_stdin: bool) -> None:
    r"""Store the secret NAME of a team, or replace its value.

    The value is typed without being shown, or comes from standard input. It is never taken from
    the command line, where other processes could see it.

    \b
    Example:
        connectory secret set slack_bot_token --team payments --stdin < token.txt
    """
    slug = session.team(team)
    value = _from_stdin() if from_stdin else session.hidden(f"Value of {name}", HOW)
    stored = session.client.teams.set_secret(slug, name, value)
    if session.out.as_json:
        session.out.document(stored)
        return
    session.out.show(GOOD, " Stored ", bold(stored["name"]), f" at {stored['path']}")
    session.out.next(f"connectory secret test {name} --team {slug}")


@secret.command("list")
@team_option
@click.pass_obj
def list_(session: Session, team: str | None) -> None:
    r"""List the names of a team's secrets.

    \b
    Example:
        connectory secret list --team payments
    """
    secrets = list(session.client.teams.secrets(session.team(team)))
    if session.out.as_json:
        session.out.document({"items": secrets})
        return
    session.out.table(
        ["SECRET", "SET", "BY", "PATH"],
        [
            [bold(one["name"]), one["set_at"] or "-", one["set_by"] or "-", one["path"]]
            for one in secrets
        ],
    )


@secret.command("test")
@click.argument("name")
@team_option
@click.pass_obj
def test_(session: Session, name: str, team: str | None) -> None:
    r"""Say whether the secret NAME can be read, without reading it out. Exits 1 if not.

    \b
    Example:
        connectory secret test slack_bot_token --team payments
    """
    tested = session.client.teams.test_secret(session.team(team), name)
    if session.out.as_json:
        session.out.document({"name": name, **tested})
    elif tested["readable"]:
        session.out.show(GOOD, " ", bold(name), " can be read")
    else:
        session.out.show(BAD, " ", bold(name), " cannot be read")
        session.out.next(f"connectory secret set {name}")
    if not tested["readable"]:
        raise click.exceptions.Exit(1)


@secret.command()
@click.argument("name")
@team_option
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@dry_run_option
@click.pass_obj
def delete(session: Session, name: str, team: str | None, *, yes: bool) -> None:
    r"""Forget the secret NAME of a team.

    \b
    Example:
        connectory secret delete slack_bot_token --team payments --yes
    """
    slug = session.team(team)
    question = f"Forget {name} of {slug}? Instances that use it fail when they start again."
    session.confirm(question, yes=yes, hint="add --yes")
    session.client.teams.delete_secret(slug, name)
    if session.out.as_json:
        session.out.document({"name": name, "team": slug, "deleted": True})
        return
    session.out.show(GOOD, " Forgot ", bold(name), " of ", bold(slug))


def _from_stdin() -> Secret:
    text = "" if sys.stdin is None else sys.stdin.read().removesuffix("\n")
    if not text:
        raise click.UsageError("standard input has no value")
    return Secret(text)
