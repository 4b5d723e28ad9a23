"""connectory open, docs: pages in the browser."""

import sys
import webbrowser
from typing import ClassVar

import click

from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.client.catalog import Reference
from connectory.client.reviews import PREFIX
from connectory.client.transport import path_of
from connectory.gates.code_table import read_rows
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.manifest.suggest import nearest

TOPICS = {"api": "/api/docs", "errors": "/docs/errors"}
HIDDEN = {Kind.NOT_FOUND, Kind.NOT_SIGNED_IN, Kind.NOT_ALLOWED}


class TopicUnknownError(ConnectoryError):
    """There is no page of the documentation under this name."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "topic-unknown"

    def __init__(self, topic: str, near: str | None) -> None:
        hint = f"did you mean  connectory docs {near}" if near else "all of it: connectory docs"
        super().__init__(f"there is no page about `{topic}`", hint=hint, field="topic")


@click.command("open", cls=Verb)
@click.argument("thing", required=False)
@click.pass_obj
def open_(session: Session, thing: str | None) -> None:
    r"""Open the page of THING: a connector, TEAM/INSTANCE, an operation or a review.

    Without THING it is the first page. Where there is no terminal the address is only printed.

    \b
    Example:
        connectory open payments/leads
    """
    _open(session, _page(session, thing) if thing else "/")


@click.command(cls=Verb)
@click.argument("topic", required=False)
@click.pass_obj
def docs(session: Session, topic: str | None) -> None:
    r"""Open the documentation, the page of an error code, or that of `api` or `errors`.

    \b
    Example:
        connectory docs server-unreachable
    """
    _open(session, _topic(topic) if topic else "/docs")


def _topic(topic: str) -> str:
    codes = list(read_rows())
    if topic not in TOPICS and topic not in codes:
        raise TopicUnknownError(topic, nearest(topic, [*TOPICS, *codes]))
    return TOPICS.get(topic, f"/docs/errors{path_of(topic)}")


def _page(session: Session, thing: str) -> str:
    if thing.startswith("op_"):
        return path_of("operations", thing)
    if thing.startswith(PREFIX):
        return path_of("reviews", thing)
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
