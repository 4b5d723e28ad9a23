"""connectory schedules."""

import click

from connectory.cli import known
from connectory.cli.coming import show_coming
from connectory.cli.names import team_option, which
from connectory.cli.output import Output
from connectory.cli.pieces import GOOD, WARN, dim, one_line
from connectory.cli.session import Session
from connectory.cli.verbs import Verb, dry_run_option
from connectory.client.instances import Schedule


@click.command(cls=Verb)
@click.argument("name", metavar="[TEAM/]NAME", shell_complete=known.instances)
@team_option
@click.option("--now", is_flag=True, help="Run it now, as if its time had come.")
@click.option(
    "--schedule", default="", metavar="SCHEDULE", help="With --now: which, if it has several."
)
@dry_run_option
@click.pass_obj
def schedules(
    session: Session, /, name: str, team: str | None, *, now: bool, schedule: str
) -> None:
    r"""Show when an instance runs by itself: the next times, and what had no run.

    \b
    Example:
        connectory schedules payments/costs
        connectory schedules payments/costs --now
    """
    if schedule and not now:
        raise click.UsageError("--schedule goes with --now")
    slug, instance = which(session, name, team)
    if now:
        _run(session, slug, instance, schedule)
        return
    found = session.client.instances.schedules(slug, instance)
    if session.out.as_json:
        session.out.document({"items": found})
        return
    for one in found:
        show_coming(session.out, one)
        _show_past(session.out, one)
    if not found:
        session.out.say(f"{slug}/{instance} has no schedules.")


def _show_past(out: Output, one: Schedule) -> None:
    out.show(dim("  if missed  "), "one run makes up" if one["misfire"] == "once" else "no run")
    if one["last_run"]:
        out.show(dim("  last run   "), one_line(one["last_run"]))
    for skipped in one["skipped"]:
        until = f" to {skipped['last']}" if skipped["last"] != skipped["first"] else ""
        out.show("  ", WARN, " ", one_line(f"{skipped['reason']}  {skipped['first']}{until}"))


def _run(session: Session, team: str, name: str, schedule: str) -> None:
    done = session.client.instances.run_schedule(team, name, schedule)
    if session.out.as_json:
        session.out.document(done)
        return
    session.out.show(GOOD, f" Put in line  {one_line(done['run'])}")
    session.out.next(f"connectory logs {team}/{name}")
