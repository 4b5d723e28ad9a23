"""connectory set list | show | put | delete."""

import click

from connectory.cli.pieces import GOOD, bold, one_line
from connectory.cli.session import Session
from connectory.cli.verbs import Noun, dry_run_option
from connectory.client.errors import RefusedError
from connectory.client.sets import CuratedSet, MemberBody
from connectory.kernel.errors import Kind


@click.group("set", cls=Noun)
def set_() -> None:
    r"""Curated sets: what the home page recommends, in order.

    \b
    Example:
        connectory set show start
    """


@set_.command("list")
@click.pass_obj
def list_(session: Session) -> None:
    r"""List the sets in the order of the home page.

    \b
    Example:
        connectory set list
    """
    found = list(session.client.sets.list())
    if session.out.as_json:
        session.out.document({"items": found})
        return
    session.out.table(
        ["SET", "TITLE", "CONNECTORS"],
        [[bold(one["id"]), one["title"], str(len(one["members"]))] for one in found],
    )


@set_.command()
@click.argument("set_id", metavar="SET")
@click.pass_obj
def show(session: Session, set_id: str) -> None:
    r"""Show the connectors of a set; admins see those that went away, too.

    \b
    Example:
        connectory set show start
    """
    _show(session, session.client.sets.show(set_id))


@set_.command()
@click.argument("set_id", metavar="SET")
@click.option("--title", help="Name for people; a new set needs one.")
@click.option("--why", help="One sentence for people who choose.")
@click.option("--order", type=click.IntRange(min=1), help="Place among all sets, from 1.")
@click.option(
    "--member",
    "members",
    multiple=True,
    metavar="CONNECTOR[=TITLE]",
    help="All connectors, in order.",
)
@dry_run_option
@click.pass_obj
def put(
    session: Session,
    set_id: str,
    title: str | None,
    why: str | None,
    order: int | None,
    members: tuple[str, ...],
) -> None:
    r"""Make SET, or change what is given of it (admins).

    It is changed as it was just read: if somebody else changes it in between, nothing happens.

    \b
    Example:
        connectory set put start --title "Start here" --member crm-to-slack-v1="CRM sync"
    """
    known = _known(session, set_id)
    named = [_member(member) for member in members]
    kept: list[MemberBody] = [
        {"connector": one["connector"], "title": one.get("title", "")}
        for one in (known["members"] if known else ())
    ]
    changed = session.client.sets.put(
        set_id,
        {
            "title": title or (known["title"] if known else ""),
            "why": (known["why"] if known else "") if why is None else why,
            "order": order,
            "members": named or kept,
        },
        known["revision"] if known else None,
    )
    _show(session, changed)


@set_.command()
@click.argument("set_id", metavar="SET")
@click.option("--yes", is_flag=True, help="Do not ask.")
@dry_run_option
@click.pass_obj
def delete(session: Session, set_id: str, *, yes: bool) -> None:
    r"""Delete a set; its connectors stay (admins).

    \b
    Example:
        connectory set delete start --yes
    """
    known = session.client.sets.show(set_id)
    session.confirm(f"Delete the set {set_id}?", yes=yes, hint="add --yes")
    session.client.sets.delete(set_id, known["revision"])
    if session.out.as_json:
        session.out.document({"id": set_id, "deleted": True})
        return
    session.out.show(GOOD, " Deleted the set ", bold(set_id))


def _known(session: Session, set_id: str) -> CuratedSet | None:
    try:
        return session.client.sets.show(set_id)
    except RefusedError as refused:
        if refused.kind is not Kind.NOT_FOUND:
            raise
        return None


def _member(text: str) -> MemberBody:
    connector, _, title = text.partition("=")
    return {"connector": connector, "title": title}


def _show(session: Session, found: CuratedSet) -> None:
    if session.out.as_json:
        session.out.document(found)
        return
    session.out.pairs(
        [
            ("set", bold(found["id"])),
            ("title", found["title"]),
            ("why", one_line(found["why"])),
            ("order", str(found["order"])),
        ]
    )
    session.out.show()
    session.out.table(
        ["CONNECTOR", "TITLE", "STATE"],
        [
            [bold(one["connector"]), one.get("title", ""), one["state"]]
            for one in found["members"]
        ],
    )
