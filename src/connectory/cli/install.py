"""connectory preview, install."""

from collections.abc import Callable

import click

from connectory.cli import known
from connectory.cli.assignments import ASSIGNMENT
from connectory.cli.output import Output
from connectory.cli.pieces import GOOD, bold
from connectory.cli.plan_view import show_plan
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.cli.watch import failure_of, seconds_of, watch
from connectory.client.catalog import Reference
from connectory.client.instances import Accepted
from connectory.client.operations import Operation
from connectory.client.plans import Plan, PlanRequest

READY = "ready"
PLAN_ID = "plan_"

Choice = str | None | tuple[tuple[str, str], ...]


def choices(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what a plan is for."""
    for option in (
        click.option(
            "--secret", "secrets", multiple=True, type=ASSIGNMENT, help="Where a secret is."
        ),
        click.option(
            "--set", "settings", multiple=True, type=ASSIGNMENT, help="Value of a setting."
        ),
        click.option(
            "--target", shell_complete=known.targets, help="Where it runs, such as local."
        ),
        click.option("--name", help="Name of the instance; the connector's id when left out."),
        click.option("--env", "environment", help="dev, staging or prod."),
        click.option(
            "--team",
            shell_complete=known.teams,
            help="For which team; your only one when left out.",
        ),
    ):
        command = option(command)
    return command


@click.command(cls=Verb)
@click.argument("connector", metavar="ID[@VERSION]", shell_complete=known.connectors)
@choices
@click.pass_obj
def preview(session: Session, /, connector: str, **chosen: Choice) -> None:
    r"""Say what installing would do, need, be allowed and cost. Nothing is changed.

    Exits 1 when the plan could not be installed as it is.

    \b
    Example:
        connectory preview crm-to-slack-v1 --team payments --set slack_channel=#leads
    """
    plan = _plan(session, connector, chosen)
    if session.out.as_json:
        session.out.document(plan)
    else:
        show_plan(session.out, plan)
    if plan["state"] != READY:
        raise click.exceptions.Exit(1)
    session.out.next(f"connectory install {plan['id']}")


@click.command(cls=Verb)
@click.argument("connector", metavar="ID[@VERSION]|PLAN", shell_complete=known.connectors)
@choices
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--wait/--no-wait", default=True, help="Wait until it runs.", show_default=True)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.pass_context
def install(
    ctx: click.Context,
    /,
    connector: str,
    *,
    yes: bool,
    wait: bool,
    dry_run: bool,
    **chosen: Choice,
) -> None:
    r"""Install a connector for a team, or exactly what a plan of `preview` says.

    \b
    Example:
        connectory install crm-to-slack-v1 --team payments --env dev --name leads --yes
    """
    if dry_run:
        ctx.invoke(preview, connector=connector, **chosen)
        return
    session: Session = ctx.obj
    if connector.startswith(PLAN_ID):
        plan = session.client.plans.show(connector)
    else:
        plan = _plan(session, connector, chosen)
    label = f"{plan['team']}/{plan['instance']}"
    if plan["state"] == READY:  # otherwise the server refuses it, and says why
        if not yes:
            show_plan(session.out, plan)
        question = f"Install {label} in {plan['environment']}?"
        session.confirm(
            question, yes=yes, hint=f"add --yes, or look first: connectory preview {connector}"
        )
    accepted = session.client.instances.install(plan["team"], plan["instance"], plan["id"])
    _finish(session, accepted, label, wait=wait)


def _plan(session: Session, connector: str, chosen: dict[str, Choice]) -> Plan:
    reference = Reference.parse(connector)
    request = PlanRequest(
        connector=reference.name,
        team=session.team(_text(chosen["team"])),
        version=reference.version,
        environment=_text(chosen["environment"]),
        name=_text(chosen["name"]),
        target=_text(chosen["target"]),
        inputs=_pairs(chosen["settings"]),
        secrets=_pairs(chosen["secrets"]),
    )
    return session.client.plans.make(request)


def _text(value: Choice) -> str:
    return value if isinstance(value, str) else ""


def _pairs(value: Choice) -> dict[str, str]:
    return dict(value) if isinstance(value, tuple) else {}


def _finish(session: Session, accepted: Accepted, label: str, *, wait: bool) -> None:
    out, operation_id = session.out, accepted["operation"]
    if accepted["instance"]["state"] == "running":
        _answer(out, accepted, f"{label} is installed like this already")
        return
    out.say(bold(operation_id), f"  {label}")
    if not wait:
        _answer(out, accepted, f"{label} is being installed")
        out.next(f"connectory operations show {operation_id} --follow")
        return
    operation = watch(session, operation_id)
    if out.as_json:
        out.document({"operation": operation})
    failure = failure_of(operation)
    if failure is not None:
        raise failure
    if not out.as_json:
        _running(session, operation, label)


def _running(session: Session, operation: Operation, label: str) -> None:
    seconds = seconds_of(operation["created_at"], operation["ended_at"]) or 0.0
    team, _, name = label.partition("/")
    session.out.show(GOOD, f" Running in {seconds:.1f} s  ", f"{session.url}/t/{team}/i/{name}")
    session.out.next(
        f"connectory logs {label} -f", f"connectory uninstall {name} --team {team}"
    )


def _answer(out: Output, accepted: Accepted, sentence: str) -> None:
    if out.as_json:
        out.document(accepted)
    else:
        out.show(sentence)
