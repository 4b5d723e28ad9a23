"""connectory runs list, show, again, redeliver, discard."""

from itertools import islice

import click

from connectory.cli import known
from connectory.cli.names import team_option, which
from connectory.cli.pieces import Piece, bold, dim, one_line
from connectory.cli.session import Session
from connectory.cli.verbs import Noun, dry_run_option
from connectory.client.runs import Run, RunCard

STATES = ("waiting", "running", "failed", "succeeded", "dead", "refused", "cancelled")
TRIGGERS = ("webhook", "schedule", "manual", "try")
TONES = {"succeeded": "good", "failed": "warn", "dead": "bad", "refused": "bad"}

instance_argument = click.argument(
    "name", metavar="[TEAM/]NAME", shell_complete=known.instances
)
run_argument = click.argument("run", metavar="RUN")


@click.group(cls=Noun)
def runs() -> None:
    r"""Look at the runs of an instance; deliver again what failed.

    \b
    Example:
        connectory runs list payments/leads --state dead
    """


@runs.command("list")
@instance_argument
@team_option
@click.option("--state", type=click.Choice(STATES), help="Only in this state.")
@click.option("--trigger", type=click.Choice(TRIGGERS), help="Only begun by this.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
@click.pass_obj
def list_(
    session: Session, /, name: str, team: str | None, limit: int, **filters: str | None
) -> None:
    r"""List runs, newest first. Dead letters are those in the states dead and refused.

    \b
    Example:
        connectory runs list payments/leads --state refused
    """
    slug, instance = which(session, name, team)
    found = list(islice(session.client.runs.list(slug, instance, **filters), limit))
    if session.out.as_json:
        session.out.document({"items": found})
        return
    session.out.table(
        ["RUN", "TRIGGER", "PATH", "STATE", "TRIES", "ARRIVED", "TOOK"],
        [
            [
                bold(one["id"]),
                one["trigger"],
                one["path"],
                _state(one),
                str(one["attempts"]),
                one["created_at"],
                _took(one),
            ]
            for one in found
        ],
    )


@runs.command()
@instance_argument
@run_argument
@team_option
@click.pass_obj
def show(session: Session, name: str, run: str, team: str | None) -> None:
    r"""Show a run: what went in, what came out, what was logged meanwhile.

    \b
    Example:
        connectory runs show payments/leads run_9DK4X7Q2M0ZA
    """
    slug, instance = which(session, name, team)
    found = session.client.runs.show(slug, instance, run)
    if session.out.as_json:
        session.out.document(found)
        return
    _show(session, found)


@runs.command()
@instance_argument
@run_argument
@team_option
@dry_run_option
@click.pass_obj
def again(session: Session, name: str, run: str, team: str | None) -> None:
    r"""Run again with the same input, as a new run.

    \b
    Example:
        connectory runs again payments/leads run_9DK4X7Q2M0ZA
    """
    _steered(session, which(session, name, team), run, "again", "runs with the same input")


@runs.command()
@instance_argument
@click.argument("run", metavar="[RUN]", required=False)
@click.option("--all", "every", is_flag=True, help="All dead letters of the instance.")
@team_option
@dry_run_option
@click.pass_obj
def redeliver(
    session: Session, name: str, run: str | None, team: str | None, *, every: bool
) -> None:
    r"""Deliver a dead letter again, or all of them.

    \b
    Example:
        connectory runs redeliver payments/leads --all
    """
    if every is (run is not None):
        raise click.UsageError("name one RUN, or say --all")
    slug, instance = which(session, name, team)
    if run is not None:
        _steered(session, (slug, instance), run, "redeliver", "is delivered again")
        return
    found = session.client.runs.redeliver_all(slug, instance)
    if session.out.as_json:
        session.out.document(found)
    else:
        session.out.show(bold(str(found["redelivered"])), " delivered again")


@runs.command()
@instance_argument
@run_argument
@team_option
@dry_run_option
@click.pass_obj
def discard(session: Session, name: str, run: str, team: str | None) -> None:
    r"""Call off a run that waits, or give up a dead letter.

    \b
    Example:
        connectory runs discard payments/leads run_9DK4X7Q2M0ZA
    """
    _steered(session, which(session, name, team), run, "discard", "is discarded")


def _steered(session: Session, of: tuple[str, str], run: str, how: str, sentence: str) -> None:
    found = session.client.runs.steer(*of, run, how)
    if session.out.as_json:
        session.out.document(found)
    else:
        session.out.show(bold(found["id"]), f" {sentence}")
    session.out.next(f"connectory runs show {'/'.join(of)} {found['id']}")


def _show(session: Session, found: Run) -> None:
    given = found["input"]
    session.out.pairs(
        [
            ("run", bold(found["id"])),
            ("what", f"{found['trigger']} {found['path']} of {found['instance']}"),
            ("state", _state(found)),
            ("tries", str(found["attempts"])),
            ("arrived", found["created_at"]),
            ("took", _took(found)),
            ("answer", one_line(f"{found['status'] or ''} {found['answer'] or ''}".strip())),
            ("why", one_line(found["error"])),
            ("input", one_line(given["body"]) if given else ""),
            ("same as", found["again_of"] or ""),
        ]
    )
    for line in found["log"]:
        session.out.show(dim(line["ts"]), f"  {line['level']:5} {one_line(line['message'])}")


def _state(one: RunCard) -> Piece:
    return Piece(one["state"], TONES.get(one["state"], ""))


def _took(one: RunCard) -> str:
    return "" if one["duration_ms"] is None else f"{one['duration_ms'] / 1000:.1f} s"
