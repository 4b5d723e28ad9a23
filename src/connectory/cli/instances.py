"""connectory list, status, run."""

import json
from pathlib import Path
from typing import Any, ClassVar, TextIO

import click

from connectory.cli import known
from connectory.cli.assignments import ASSIGNMENT
from connectory.cli.names import team_option, which
from connectory.cli.overall import show_overall
from connectory.cli.pieces import Piece, bold, one_line
from connectory.cli.plan_view import in_words
from connectory.cli.session import Session
from connectory.cli.verbs import Verb, dry_run_option
from connectory.client.instances import Instance, Schedule, Stop
from connectory.kernel.errors import ConnectoryError, Kind

TONES = {
    "healthy": "good",
    "running": "good",
    "failing": "bad",
    "failed": "bad",
    "suspended": "bad",
}
OK = range(200, 300)
MANIFEST = "manifest.yaml"


class EventUnreadableError(ConnectoryError):
    """What should be handed to a run is no JSON object."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "event-unreadable"

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(
            f"{file} is no JSON object: {reason}",
            hint='write it as {"name": "Ada"}',
            field="event",
        )


@click.command("list", cls=Verb)
@click.option("--team", default="", shell_complete=known.teams, help="Only of this team.")
@click.pass_obj
def list_(session: Session, team: str) -> None:
    r"""List the instances of your teams.

    \b
    Example:
        connectory list --team payments
    """
    found = list(session.client.instances.list(team))
    if session.out.as_json:
        session.out.document({"items": found})
        return
    session.out.table(
        ["INSTANCE", "CONNECTOR", "VERSION", "ENV", "STATE"],
        [
            [
                bold(f"{one['team']}/{one['name']}"),
                one["connector"]["id"],
                one["connector"]["version"],
                one["environment"],
                _toned(one["state"]),
            ]
            for one in found
        ],
    )
    if not found:
        session.out.next("connectory search")


@click.command(cls=Verb)
@click.argument("name", metavar="[[TEAM/]NAME]", required=False, shell_complete=known.instances)
@team_option
@click.pass_obj
def status(session: Session, name: str | None, team: str | None) -> None:
    r"""Show an instance: state, health, settings, where its hooks are.

    Without a name: the server, who is signed in, and which instances need a look.

    \b
    Example:
        connectory status payments/leads
    """
    if name is None:
        show_overall(session, team or "")
        return
    slug, instance = which(session, name, team)
    found = session.client.instances.show(slug, instance)
    if session.out.as_json:
        session.out.document(found)
        return
    _show(session, found, session.client.instances.schedules(slug, instance))
    session.out.next(f"connectory logs {slug}/{instance}")


@click.command(cls=Verb)
@click.argument("name", metavar="[TEAM/]NAME|FOLDER", shell_complete=known.instances)
@team_option
@click.option(
    "--event", type=click.File(encoding="utf-8"), help="JSON file; - is standard input."
)
@click.option("--example", default="", help="Of a FOLDER: the event examples/NAME.json.")
@click.option(
    "--trigger", default="", metavar="PATH", help="Of a FOLDER: where it goes; or `schedule`."
)
@click.option(
    "--set",
    "settings",
    type=ASSIGNMENT,
    multiple=True,
    help="Of a FOLDER: the value of an input.",
)
@click.option(
    "--secret",
    "secrets",
    multiple=True,
    metavar="NAME",
    help="Of a FOLDER: ask for this secret, or read it from a line of standard input.",
)
@click.option(
    "--standins",
    is_flag=True,
    help="Of a FOLDER: start servers that play Slack, a CRM, PagerDuty and AWS.",
)
@dry_run_option
@click.pass_obj
def run(
    session: Session,
    /,
    name: str,
    team: str | None,
    event: TextIO | None,
    **local: Any,  # noqa: ANN401  options of different types, for `_run_folder`
) -> None:
    r"""Let an instance do its work once, now. Exits 1 when it says that it failed.

    A FOLDER with a manifest.yaml is a connector that its author works on: it runs on this
    machine, gets one event, and is stopped. No server is needed.

    \b
    Example:
        connectory run payments/leads --event lead.json
        connectory run ./lead-alerts --example message --set slack_channel=#leads --standins
    """
    if team is None and (Path(name) / MANIFEST).is_file():
        _run_folder(session, Path(name), event, local)
        return
    if any(local.values()):
        raise click.UsageError(
            f"{name} is no folder with a {MANIFEST}, and an option needs one"
        )
    slug, instance = which(session, name, team)
    done = session.client.instances.run(slug, instance, _read(event))
    if session.out.as_json:
        session.out.document(done)
    else:
        session.out.show(bold(done["status"]), "  ", in_words(done["output"]))
    session.out.next(f"connectory logs {slug}/{instance}")
    if done["status"] not in OK:
        raise click.exceptions.Exit(1)


def _run_folder(
    session: Session, folder: Path, event: TextIO | None, local: dict[str, Any]
) -> None:
    from connectory.cli.local_run import Asked, run_folder  # noqa: PLC0415  not for instances

    asked = Asked(
        event=None if event is None else _read(event),
        example=local["example"],
        trigger=local["trigger"],
        settings=dict(local["settings"]),
        secrets=local["secrets"],
        with_standins=local["standins"],
    )
    run_folder(session, folder, asked)


@click.command(cls=Verb)
@click.argument("name", metavar="[TEAM/]NAME", shell_complete=known.instances)
@team_option
@click.pass_obj
def hooks(session: Session, name: str, team: str | None) -> None:
    r"""Show the hook addresses of an instance with their key, to set up who calls them.

    \b
    Example:
        connectory hooks payments/alerts
    """
    found = session.client.instances.hooks(*which(session, name, team))
    if session.out.as_json:
        session.out.document(found)
        return
    for url in found["urls"]:
        session.out.show(url)
    session.out.say("The key is part of the address. The audit log has that you saw it.")


def _show(session: Session, found: Instance, schedules: list[Schedule]) -> None:
    connector, health = found["connector"], found["health"]
    session.out.pairs(
        [
            ("instance", bold(f"{found['team']}/{found['name']}")),
            ("connector", f"{connector['namespace']}/{connector['id']} {connector['version']}"),
            ("state", _toned(found["state"])),
            ("health", _toned(health["status"])),
            ("why", one_line(health["reason"])),
            *_stop(found.get("stop")),
            ("restarts", str(health["restarts"])),
            ("environment", found["environment"]),
            ("target", f"{found['target']} {found['region']}".rstrip()),
            ("hooks", ", ".join(found["hook_urls"])),
            *(("next run", one_line(one["next"][0]["local"])) for one in schedules),
        ]
    )
    if found["settings"]:
        session.out.show()
        session.out.table(
            ["SETTING", "VALUE", "FROM"],
            [
                [bold(one["name"]), in_words(one["value"]), one["source"]]
                for one in found["settings"]
            ],
        )


def _stop(stop: Stop | None) -> list[tuple[str, str]]:
    """Say why an instance is stopped by policy, and what can be done."""
    if stop is None:
        return []
    word = "quarantine lifted" if stop["lifted"] else "quarantined"
    return [
        (word, f"by {stop['by']}: {one_line(stop['reason'])}"),
        ("what next", stop["next"]),
    ]


def _toned(word: str) -> Piece:
    return Piece(word, TONES.get(word, "warn"))


def _read(event: TextIO | None) -> dict[str, object]:
    if event is None:
        return {}
    try:
        read = json.load(event)
    except ValueError as wrong:
        raise EventUnreadableError(event.name, str(wrong)) from None
    if not isinstance(read, dict):
        raise EventUnreadableError(event.name, "it is another JSON value")
    return read
