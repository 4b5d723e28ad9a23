"""connectory metrics, alerts."""

from collections.abc import Sequence
from datetime import datetime

import click

from connectory.cli import known
from connectory.cli.logs import Age
from connectory.cli.names import team_option, which
from connectory.cli.pieces import Piece, bold, dim, one_line
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.client.instances import Numbers, Series

BARS = "▁▂▃▄▅▆▇█"
COLUMNS = 30  # of a line over time


@click.command(cls=Verb)
@click.argument("name", metavar="[TEAM/]NAME", shell_complete=known.instances)
@team_option
@click.option("--since", type=Age(), help="How far back, such as 1h or 7d. The default is 1d.")
@click.pass_obj
def metrics(session: Session, name: str, team: str | None, since: datetime | None) -> None:
    r"""Show the numbers of an instance: the last one, and how they were before.

    Of counters it is their growth per second.

    \b
    Example:
        connectory metrics payments/leads --since 1h
    """
    slug, instance = which(session, name, team)
    found = session.client.instances.metrics(slug, instance, since=since)
    if session.out.as_json:
        session.out.document(found)
        return
    _show(session, found)
    session.out.next(f"connectory alerts {slug}/{instance}")


@click.command(cls=Verb)
@click.argument("name", metavar="[TEAM/]NAME", shell_complete=known.instances)
@team_option
@click.pass_obj
def alerts(session: Session, name: str, team: str | None) -> None:
    r"""Show the alerts of an instance, and those of its manifest that nobody evaluates.

    \b
    Example:
        connectory alerts payments/leads
    """
    slug, instance = which(session, name, team)
    found = session.client.instances.alerts(slug, instance)
    if session.out.as_json:
        session.out.document(found)
        return
    session.out.table(
        ["ALERT", "SEVERITY", "WHEN"],
        [
            [bold(one["name"]), one["severity"], one_line(one["when"] or one["summary"])]
            for one in found["items"]
        ],
    )
    for one in found["not_translated"]:
        session.out.say(f"Not translated: {one_line(one['name'])}: {one_line(one['reason'])}")


def _show(session: Session, found: Numbers) -> None:
    if not found["series"]:
        session.out.say("No numbers were kept in this time.")
        return
    session.out.table(
        ["METRIC", "LABELS", "LAST", "BEFORE"],
        [
            [
                bold(one["name"]),
                dim(", ".join(f"{k}={v}" for k, v in one["labels"].items())),
                _last(one),
                _line([value for _, value in one["points"]]),
            ]
            for one in found["series"]
        ],
    )
    if found["refused"]:
        session.out.say(f"{found['refused']} more series were refused.")


def _last(one: Series) -> str:
    value = f"{one['points'][-1][1]:,.6g}"
    return f"{value}/s" if one["kind"] == "counter" else value


def _line(values: Sequence[float]) -> Piece:
    """Draw values as bars; where these cannot be shown, say between what they are."""
    shown = values[-COLUMNS:]
    low, high = min(shown), max(shown)
    tall = (high - low) or 1.0
    bars = "".join(BARS[round((value - low) / tall * (len(BARS) - 1))] for value in shown)
    return Piece(bars, plain=f"{low:,.4g} to {high:,.4g}")
