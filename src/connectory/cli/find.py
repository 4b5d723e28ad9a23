"""connectory search, show, versions."""

import click

from connectory.cli.pieces import BAD, GOOD, WARN, Piece, bold, dim, one_line
from connectory.cli.plan_view import show_words
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.client.catalog import Reference

STATUS_MARKS = {"approved": GOOD, "deprecated": WARN, "quarantined": BAD}


@click.command(cls=Verb)
@click.argument("words", nargs=-1)
@click.option("--tag", help="Only with this tag.")
@click.option("--owner", help="Only of this owner.")
@click.option("--runtime", help="Only with this runtime, such as serverless.")
@click.option("--status", help="Only in this status, such as approved.")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@click.pass_obj
def search(session: Session, /, words: tuple[str, ...], **filters: str | int | None) -> None:
    r"""Find connectors by WORDS, best first; without words, all of them.

    \b
    Example:
        connectory search lead slack --tag alert
    """
    found = session.client.catalog.search(q=" ".join(words) or None, **filters)
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
    session.out.say(dim(f"{len(found['items'])} of {found['total']} connectors"))
    if found["items"]:
        first = found["items"][0]
        session.out.next(f"connectory show {first['id']}", f"connectory preview {first['id']}")
    else:
        session.out.next("connectory search")


@click.command(cls=Verb)
@click.argument("connector", metavar="ID[@VERSION]")
@click.pass_obj
def show(session: Session, connector: str) -> None:
    r"""Show a connector: what it does, what it needs, what it may do.

    \b
    Example:
        connectory show crm-to-slack-v1@1.3.0
    """
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
@click.argument("connector", metavar="ID")
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


def _status(effective: str, claimed: str) -> Piece:
    mark = STATUS_MARKS.get(effective, Piece("", "bold"))
    claim = "" if claimed == effective else f" (its author claims {claimed})"
    return Piece(f"{effective}{claim}", mark.tone)
