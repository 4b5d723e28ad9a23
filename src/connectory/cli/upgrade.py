"""connectory outdated, upgrade, rollback."""

import click

from connectory.cli import known
from connectory.cli.assignments import ASSIGNMENT
from connectory.cli.names import team_option, which
from connectory.cli.output import Output
from connectory.cli.pieces import WARN, Piece, bold, dim, one_line
from connectory.cli.plan_view import in_money, in_words, show_problems
from connectory.cli.session import Session
from connectory.cli.turning import change_options, finish, preview, wait_option
from connectory.cli.verbs import Verb
from connectory.client.instances import Preview, UpgradePlan

READY = "ready"
SIGNS = {
    "added": Piece("+", "good"),
    "removed": Piece("-", "bad"),
    "changed": Piece("~", "warn"),
}


@click.command(cls=Verb)
@click.option("--team", default="", shell_complete=known.teams, help="Only of this team.")
@click.pass_obj
def outdated(session: Session, team: str) -> None:
    r"""List the instances for which there is a newer approved version.

    \b
    Example:
        connectory outdated --team payments
    """
    found = list(session.client.instances.list(team, outdated=True))
    if session.out.as_json:
        session.out.document({"items": found})
        return
    session.out.table(
        ["INSTANCE", "CONNECTOR", "VERSION", "NEWER"],
        [
            [
                bold(f"{one['team']}/{one['name']}"),
                one["connector"]["id"],
                one["connector"]["version"],
                one["newer"] or "",
            ]
            for one in found
        ],
    )
    if found:
        session.out.next(f"connectory upgrade {found[0]['team']}/{found[0]['name']}")


@click.command(cls=Verb)
@click.argument("name", metavar="[TEAM/]NAME", shell_complete=known.instances)
@team_option
@click.option("--to", "version", default="", help="Version; the newest when left out.")
@click.option("--set", "settings", multiple=True, type=ASSIGNMENT, help="Value of a setting.")
@click.option("--secret", "secrets", multiple=True, type=ASSIGNMENT, help="Where a secret is.")
@click.option("--accept-permissions", is_flag=True, help="Agree to what it may do in addition.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@wait_option
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.pass_obj
def upgrade(  # noqa: PLR0913  one argument for each option
    session: Session,
    name: str,
    team: str | None,
    version: str,
    settings: tuple[tuple[str, str], ...],
    secrets: tuple[tuple[str, str], ...],
    *,
    accept_permissions: bool,
    yes: bool,
    wait: bool,
    dry_run: bool,
) -> None:
    r"""Replace an instance by a newer version. Settings that are not named are kept.

    An upgrade that is not healthy is undone: then the old version runs again.

    \b
    Example:
        connectory upgrade payments/leads --to 1.4.0
    """
    slug, instance = which(session, name, team)
    plan = session.client.instances.plan_upgrade(
        slug, instance, version=version, inputs=dict(settings), secrets=dict(secrets)
    )
    if dry_run:
        _preview(session, plan)
        return
    accept = accept_permissions or _agreed(session, plan, yes=yes)
    accepted = session.client.instances.upgrade(slug, instance, plan["id"], accept=accept)
    done = f"Upgraded {slug}/{instance} to {plan['connector']['version']}"
    finish(session, accepted, done, wait=wait)
    session.out.say("The old version is kept: ", f"connectory rollback {slug}/{instance}")


@click.command(cls=Verb)
@change_options
@click.pass_obj
def rollback(
    session: Session, name: str, team: str | None, *, wait: bool, dry_run: bool
) -> None:
    r"""Go back to the version and the settings before the last upgrade.

    \b
    Example:
        connectory rollback payments/leads
    """
    slug, instance = which(session, name, team)
    if dry_run:
        said = preview(session, (slug, instance), "rollback")
        if not session.out.as_json:
            _show_differences(session.out, said)
            show_problems(session.out, said["problems"])
        return
    accepted = session.client.instances.roll_back(slug, instance)
    finish(session, accepted, f"Rolled back {slug}/{instance}", wait=wait)


def _preview(session: Session, plan: UpgradePlan) -> None:
    if session.out.as_json:
        session.out.document(plan)
    else:
        _show(session.out, plan)
    if plan["state"] != READY:
        raise click.exceptions.Exit(1)


def _agreed(session: Session, plan: UpgradePlan, *, yes: bool) -> bool:
    """Ask; whoever says yes after reading agrees to what it may do in addition."""
    if plan["state"] != READY or yes:
        return False  # the server refuses what cannot be done, and says why
    _show(session.out, plan)
    label = f"{plan['team']}/{plan['instance']}"
    session.confirm(
        f"Upgrade {label} in {plan['environment']}?",
        yes=False,
        hint=f"add --yes, or look first: connectory upgrade {label} --dry-run",
    )
    return True


def _show(out: Output, plan: UpgradePlan) -> None:
    label = f"{plan['team']}/{plan['instance']}"
    out.title(
        f"Upgrade {label}",
        f"   {plan['from_version']} -> {plan['connector']['version']}",
        dim("   (nothing changed)"),
    )
    _show_differences(out, plan)
    out.show("  cost ", in_money(plan["cost_before"]), " -> ", in_money(plan["cost"]))
    out.show("  back: ", f"connectory rollback {label}")
    show_problems(out, plan["problems"])


def _show_differences(out: Output, plan: UpgradePlan | Preview) -> None:
    for change in [*plan["setting_changes"], *plan["changes"]]:
        values = f"  {in_words(change['old'])} -> {in_words(change['new'])}"
        out.show("  ", SIGNS[change["kind"]], " ", bold(one_line(change["path"])), dim(values))
    if plan["grown"]:
        out.show("  ", WARN, " it may do more:")
    for one in plan["grown"]:
        out.show("    ", Piece("+", "warn"), f" {one_line(one)}")
