"""connectory rehearse, try."""

import click

from connectory.cli import known
from connectory.cli.pieces import BAD, GOOD, WARN, Piece, bold, dim, one_line
from connectory.cli.plan_view import in_words
from connectory.cli.session import Session
from connectory.cli.verbs import Verb, dry_run_option
from connectory.cli.watch import failure_of, watch
from connectory.client.catalog import Reference
from connectory.client.rehearsals import Certificate, Tried

TRY_S = 90.0  # the server gives up after 60
REFUSED = 400  # and above: statuses with which a connector says that it could not
TONES = {"warn": "warn", "error": "bad", "debug": "dim"}


@click.command(cls=Verb)
@click.argument("connector", metavar="ID[@VERSION]", shell_complete=known.connectors)
@dry_run_option
@click.pass_obj
def rehearse(session: Session, connector: str) -> None:
    r"""Install, run and remove a version in a throw-away marketplace; see what is left behind.

    The server runs the examples of the package against stand-ins, compares what was there
    before with what is there afterwards, and keeps the result as a signed removal certificate.
    Exits 1 when something was left behind.

    \b
    Example:
        connectory rehearse crm-to-slack-v1@1.3.0
    """
    version = session.client.catalog.exactly(Reference.parse(connector))
    begun = session.client.rehearsals.rehearse(version)
    session.out.say(bold(begun["operation"]), f"  {version.name}@{version.version}")
    failure = failure_of(watch(session, begun["operation"]))
    if failure is not None:
        raise failure
    certificate = session.client.rehearsals.certificate(version)
    if session.out.as_json:
        session.out.document(certificate)
    else:
        _show(session, certificate)
    if not certificate["clean"]:
        raise click.exceptions.Exit(1)


@click.command("try", cls=Verb)
@click.argument("connector", metavar="ID[@VERSION]", shell_complete=known.connectors)
@dry_run_option
@click.pass_obj
def try_(session: Session, connector: str) -> None:
    r"""Run the first example of a connector with sample data; see what it does.

    The server runs it in a throw-away marketplace against stand-ins, with made-up secrets, and
    deletes everything afterwards. Exits 1 when the connector says that it could not.

    \b
    Example:
        connectory try slack-alerts
    """
    session.flags.timeout = session.flags.timeout or TRY_S
    version = session.client.catalog.exactly(Reference.parse(connector))
    tried = session.client.rehearsals.try_(version)
    if session.out.as_json:
        session.out.document(tried)
    else:
        _show_tried(session, tried)
    if tried["status"] >= REFUSED:
        raise click.exceptions.Exit(1)


def _show(session: Session, certificate: Certificate) -> None:
    out = session.out
    label = f"{certificate['connector']}@{certificate['version']}"
    for one in certificate["examples"]:
        mark = BAD if one["status"] >= REFUSED else GOOD
        sent = f"  POST {one['path']}: {one['status']}, {one['arrived']} arrived at stand-ins"
        out.say("  ", mark, f" {one_line(one['name'])}", dim(one_line(sent)))
    for thing in certificate["retained"]:
        out.show(
            WARN, one_line(f" kept, as the manifest says: {thing['kind']} {thing['name']}")
        )
    for thing in certificate["findings"]:
        out.show(BAD, one_line(f" left behind: {thing['kind']} {thing['name']}"))
    if certificate["clean"]:
        out.show(GOOD, f" Removal of {one_line(label)} rehearsed: it leaves nothing behind")


def _show_tried(session: Session, tried: Tried) -> None:
    out = session.out
    out.title(f"Example {one_line(tried['example'])}, POST {one_line(tried['trigger'])}")
    out.show("  ", in_words(tried["event"]))
    out.title("Answer")
    out.show("  ", bold(tried["status"]), "  ", in_words(tried["output"]))
    out.title("Arrived")
    for one in tried["arrived"]:
        out.show("  ", bold(one["standin"]), "  ", in_words(one["content"]))
    if not tried["arrived"]:
        out.show("  ", dim("nothing"))
    out.title("Log")
    for line in tried["logs"]:
        level = Piece(f"{one_line(line['level']).upper():5}", TONES.get(line["level"], ""))
        out.show("  ", level, " ", one_line(line["message"]))
    out.say(dim(f"{tried['seconds']:.1f} s in a throw-away marketplace, which is gone"))
