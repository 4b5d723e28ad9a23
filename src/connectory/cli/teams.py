"""connectory team list | show | create | add-member | defaults."""

import click

from connectory.cli import known
from connectory.cli.assignments import ASSIGNMENT
from connectory.cli.pieces import GOOD, bold
from connectory.cli.plan_view import in_words
from connectory.cli.session import Session
from connectory.cli.verbs import Noun, dry_run_option

ROLES = ("viewer", "member", "owner")


@click.group(cls=Noun)
def team() -> None:
    r"""Teams, their members and defaults.

    \b
    Example:
        connectory team show payments
    """


@team.command("list")
@click.pass_obj
def list_(session: Session) -> None:
    r"""List your teams; an admin sees all.

    \b
    Example:
        connectory team list
    """
    teams = list(session.client.teams.list())
    if session.out.as_json:
        session.out.document({"items": teams})
        return
    session.out.table(["TEAM", "TITLE"], [[bold(one["slug"]), one["title"]] for one in teams])


@team.command()
@click.argument("slug", metavar="TEAM", required=False, shell_complete=known.teams)
@click.pass_obj
def show(session: Session, slug: str | None) -> None:
    r"""Show a team with its members.

    \b
    Example:
        connectory team show payments
    """
    found = session.client.teams.show(session.team(slug))
    if session.out.as_json:
        session.out.document(found)
        return
    session.out.pairs(
        [
            ("team", bold(found["slug"])),
            ("title", found["title"]),
            ("namespaces", ", ".join(found["namespaces"])),
        ]
    )
    session.out.show()
    session.out.table(
        ["MEMBER", "ROLE"], [[bold(one["account"]), one["role"]] for one in found["members"]]
    )


@team.command()
@click.argument("slug", metavar="TEAM", shell_complete=known.teams)
@click.option("--title", default="", help="Name for people.")
@dry_run_option
@click.pass_obj
def create(session: Session, slug: str, title: str) -> None:
    r"""Make a team and the namespace of its name (admins).

    \b
    Example:
        connectory team create payments --title "Payments"
    """
    made = session.client.teams.create(slug, title)
    if session.out.as_json:
        session.out.document(made)
        return
    session.out.show(GOOD, " Made the team ", bold(made["slug"]))
    session.out.next(f"connectory team add-member {made['slug']} ACCOUNT")


@team.command("add-member")
@click.argument("slug", metavar="TEAM", shell_complete=known.teams)
@click.argument("account")
@click.option("--role", type=click.Choice(ROLES), default="member", show_default=True)
@dry_run_option
@click.pass_obj
def add_member(session: Session, slug: str, account: str, role: str) -> None:
    r"""Give ACCOUNT a role in TEAM, or another role.

    \b
    Example:
        connectory team add-member payments max --role owner
    """
    changed = session.client.teams.set_member(slug, account, role)
    if session.out.as_json:
        session.out.document(changed)
        return
    session.out.show(GOOD, " ", bold(account), f" is {role} of ", bold(slug))


@team.command()
@click.argument("slug", metavar="TEAM", required=False, shell_complete=known.teams)
@click.option("--env", "environment", default="dev", show_default=True, help="Environment.")
@click.option("--set", "settings", multiple=True, type=ASSIGNMENT, help="Fill in a setting.")
@click.option(
    "--unset", multiple=True, metavar="NAME", help="Leave a setting to the connector."
)
@dry_run_option
@click.pass_obj
def defaults(
    session: Session,
    slug: str | None,
    environment: str,
    settings: tuple[tuple[str, str], ...],
    unset: tuple[str, ...],
) -> None:
    r"""Show or change the settings that a team fills in by itself.

    \b
    Example:
        connectory team defaults payments --env dev --set slack_channel=#leads
    """
    team_ = session.team(slug)
    found = session.client.teams.defaults(team_, environment)
    if settings or unset:
        kept = {name: value for name, value in found["inputs"].items() if name not in unset}
        inputs = {**kept, **dict(settings)}
        found = session.client.teams.set_defaults(team_, environment, inputs)
    if session.out.as_json:
        session.out.document({"team": team_, "environment": environment, **found})
        return
    session.out.table(
        ["SETTING", "VALUE"],
        [[bold(name), in_words(value)] for name, value in sorted(found["inputs"].items())],
    )
