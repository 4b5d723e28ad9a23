"""connectory open, docs: pages in the browser."""

import sys
import webbrowser

import click

from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.client.catalog import Reference
from connectory.client.transport import path_of
from connectory.kernel.errors import ConnectoryError, Kind

HIDDEN = {Kind.NOT_FOUND, Kind.NOT_SIGNED_IN, Kind.NOT_ALLOWED}


@click.command("open", cls=Verb)
@click.argument("thing", required=False)
@click.pass_obj
def open_(session: Session, thing: str | None) -> None:
    r"""Open the page of THING: a connector, TEAM/INSTANCE or an operation; else the first page.

    Where there is no terminal the address is only printed.

    \b
    Example:
        connectory open payments/leads
    """
    _open(session, _page(session, thing) if thing else "/")


@click.command(cls=Verb)
@click.argument("topic", required=False)
@click.pass_obj
def docs(session: Session, topic: str | None) -> None:
    r"""Open the documentation, or the page of an error code.

    \b
    Example:
        connectory docs server-unreachable
    """
    _open(session, f"/docs/errors{path_of(topic)}" if topic else "/docs")


def _page(session: Session, thing: str) -> str:
    if thing.startswith("op_"):
        return path_of("operations", thing)
    team, _, name = thing.partition("/")
    if name and "@" not in name:
        try:
            return session.client.instances.show(team, name)["url"]
        except ConnectoryError as missing:
            if missing.kind not in HIDDEN:
                raise
    return session.client.catalog.version(Reference.parse(thing))["url"]


def _open(session: Session, path: str) -> None:
    url = f"{session.url}{path}"
    if session.out.as_json:
        session.out.document({"url": url})
        return
    session.out.show(url)
    if sys.stdout.isatty():
        webbrowser.open(url)
