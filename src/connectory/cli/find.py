"""connectory search, show, versions."""

from collections.abc import Mapping
from urllib.parse import urlencode

import click

from connectory.cli import known
from connectory.cli.pieces import BAD, GOOD, WARN, Piece, bold, dim, one_line
from connectory.cli.session import Session
from connectory.cli.verbs import Verb, dry_run_option
from connectory.client.catalog import Reference
from connectory.client.transport import Value

STATUS_MARKS = {"approved": GOOD, "deprecated": WARN, "quarantined": BAD}


@click.command(cls=Verb)
@click.argument("words", nargs=-1)
@click.option("--tag", multiple=True, help="Only with this tag; given twice, with either.")
@click.option("--owner", help="Only of this owner.")
@click.option("--team", help="Only of this team.")
@click.option("--domain", help="Only of this domain, such as sales.")
@click.option("--runtime", help="Only with this runtime, such as serverless.")
@click.option("--risk", help="Only of this risk: low, medium or high.")
@click.option("--uses", multiple=True, help="Only what connects this system, such as slack.")
@click.option("--status", help="Only in this status, such as approved.")
@click.option("--example", help="Only with these words in a sample of use.")
@click.option("--updated-since", help="Only what changed since this day or time.")
@click.option("--sort", type=click.Choice(["best", "name", "updated"]), help="The order.")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@click.option("--save", metavar="TITLE", help="Save the search under this title, too.")
@dry_run_option
@click.pass_obj
def search(
    session: Session, /, words: tuple[str, ...], save: str | None, **filters: Value
) -> None:
    r"""Find connectors by WORDS, best first; without words, all of them.

    Filters can be typed, too: tag:alert owner:bizops -status:review uses:slack. Quotes make a
    text literal, and a letter or two may be wrong.

    \b
    Example:
        connectory search lead slack --tag alert
    """
    asked: dict[str, Value] = {"q": " ".join(words) or None, **filters}
    found = session.client.catalog.search(**asked)
    if save:
        del asked["limit"]
        kept = session.client.searches.save(save, _query(asked))
        session.out.say(GOOD, f" Saved as {kept['id']}; connectory searches list")
    if session.out.as_json:
        session.out.document(found)
        return
    session.out.table(
        ["CONNECTOR", "VERSION", "STATUS", "OWNER", "WHAT"],
        [
            [
                bold(f"{one['namespace']}/{one['id']}"),
                one["version"],
                one["status"],
                one["owner"],
                one_line(one["name"]),
            ]
            for one in found["items"]
        ],
    )
    if found["instead"]:
        session.out.say(WARN, f" Nothing is spelled so; these are for: {found['instead']}")
    session.out.say(dim(f"{len(found['items'])} of {found['total']} connectors"))
    for one in found["wider"]:
        session.out.say(dim(f"  {one['total']} {_wider(one['part'])}"))
    if found["items"]:
        first = found["items"][0]
        session.out.next(f"connectory show {first['id']}", f"connectory preview {first['id']}")
    else:
        session.out.next("connectory search")


@click.command(cls=Verb)
@click.argument("connector", metavar="ID[@VERSION]", shell_complete=known.connectors)
@click.pass_obj
def show(session: Session, connector: str) -> None:
    r"""Show a connector: what it does, what it needs, what it may do.

    \b
    Example:
        connectory show crm-to-slack-v1@1.3.0
    """
    from connectory.cli.plan_view import show_words  # noqa: PLC0415  not for a search

    found = session.client.catalog.version(Reference.parse(connector))
    if session.out.as_json:
        session.out.document(found)
        return
    status = found["status"]
    session.out.title(f"{found['namespace']}/{found['id']} {found['version']}")
    session.out.show(one_line(found["name"]))
    session.out.pairs(
        [
            ("status", _status(status["effective"], status["claimed"])),
            ("about", one_line(found["description"])),
            ("owner", found["owner"]),
            ("team", found["team"]),
            ("published", f"{found['published_at']} by {found['published_by']}"),
            ("digest", found["digest"]),
        ]
    )
    show_words(session.out, found["permissions"]["will"], found["permissions"]["will_not"])
    session.out.next(f"connectory preview {found['id']}", f"connectory open {found['id']}")


@click.command(cls=Verb)
@click.argument("connector", metavar="ID", shell_complete=known.connectors)
@click.pass_obj
def versions(session: Session, connector: str) -> None:
    r"""List the versions of a connector, newest first.

    \b
    Example:
        connectory versions crm-to-slack-v1
    """
    found = list(session.client.catalog.versions(Reference.parse(connector)))
    if session.out.as_json:
        session.out.document({"items": found})
        return
    session.out.table(
        ["VERSION", "STATUS", "PUBLISHED", "BY", "DIGEST"],
        [
            [
                bold(one["version"]),
                one["status"],
                one["published_at"],
                one["published_by"],
                one["digest"],
            ]
            for one in found
        ],
    )


def _wider(part: str) -> str:
    """Say which part of a search was left out."""
    return "are deprecated" if part == "deprecated" else f"without {part.replace('_', '-')}"


def _query(asked: Mapping[str, Value]) -> str:
    """Return the query of the page that shows the same search."""
    return urlencode({name: value for name, value in asked.items() if value}, doseq=True)


def _status(effective: str, claimed: str) -> Piece:
    mark = STATUS_MARKS.get(effective, Piece("", "bold"))
    claim = "" if claimed == effective else f" (its author claims {claimed})"
    return Piece(f"{effective}{claim}", mark.tone)
