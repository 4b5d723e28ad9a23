"""connectory logs."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import click

from connectory.cli import known
from connectory.cli.names import team_option, which
from connectory.cli.pieces import Piece, dim, one_line
from connectory.cli.plan_view import in_words
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.client.instances import LogLine
from connectory.kernel.clock import now

LEVELS = ("debug", "info", "warn", "error")
TONES = {"warn": "warn", "error": "bad", "debug": "dim"}
AGE = re.compile(r"([0-9]+)([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Age(click.ParamType[datetime]):
    """A time ago: `30s`, `10m`, `2h`, `7d`; or a time in RFC 3339."""

    name = "age"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return the moment that is meant."""
        text = str(value)
        if age := AGE.fullmatch(text):
            return now() - timedelta(**{UNITS[age[2]]: int(age[1])})
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self.fail(
                f"`{text}` is neither an age such as 10m nor a time with zone", param, ctx
            )
        return moment


@click.command(cls=Verb)
@click.argument("name", metavar="[TEAM/]NAME", shell_complete=known.instances)
@team_option
@click.option("-f", "--follow", is_flag=True, help="Go on as lines are written.")
@click.option("--since", type=Age(), help="Leave out what is older, such as 10m.")
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    help="How many, where --since does not say.",
)
@click.option("--level", type=click.Choice(LEVELS), help="Leave out what matters less.")
@click.pass_obj
def logs(  # noqa: PLR0913  one argument for each option
    session: Session,
    name: str,
    team: str | None,
    since: datetime | None,
    lines: int,
    level: str | None,
    *,
    follow: bool,
) -> None:
    r"""Read the log of an instance, oldest line first.

    With --json --follow each line is one JSON object.

    \b
    Example:
        connectory logs payments/leads --since 10m --level warn
    """
    slug, instance = which(session, name, team)
    wanted = _filter(since, level)
    after = -lines if since is None else 0
    kept = session.client.instances.logs(slug, instance, after=after, level=level)
    if not follow:
        _show_all(session, [line for line in kept if wanted(line)])
        return
    last = ""
    for line in kept:
        last = str(line["offset"])
        if wanted(line):
            _show(session, line)
    more = session.client.instances.follow_logs(
        slug, instance, after=last, timeout_s=session.flags.timeout
    )
    for line in more:
        if wanted(line):
            _show(session, line)


def _show_all(session: Session, lines: Iterable[LogLine]) -> None:
    if session.out.as_json:
        session.out.document({"items": list(lines)})
        return
    for line in lines:
        _show(session, line)


def _show(session: Session, line: LogLine) -> None:
    if session.out.as_json:
        session.out.record(dict(line))
        return
    facts = "  ".join(f"{name}={in_words(value)}" for name, value in line["facts"].items())
    level = Piece(f"{one_line(line['level']).upper():5}", TONES.get(line["level"], ""))
    tail = dim(f"  {facts}") if facts else ""
    session.out.show(dim(line["ts"]), " ", level, " ", one_line(line["message"]), tail)


def _filter(since: datetime | None, level: str | None) -> Callable[[LogLine], bool]:
    least = LEVELS.index(level) if level else 0

    def is_wanted(line: LogLine) -> bool:
        if since is not None and datetime.fromisoformat(line["ts"]) < since:
            return False
        return line["level"] not in LEVELS or LEVELS.index(line["level"]) >= least

    return is_wanted
