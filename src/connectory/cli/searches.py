"""connectory searches list | rename | delete."""

import click

from connectory.cli.pieces import GOOD, bold
from connectory.cli.session import Session
from connectory.cli.verbs import Noun, dry_run_option


@click.group(cls=Noun)
def searches() -> None:
    r"""The searches that you saved.

    \b
    Example:
        connectory searches list
    """


@searches.command("list")
@click.pass_obj
def list_(session: Session) -> None:
    r"""List your saved searches.

    \b
    Example:
        connectory searches list
    """
    found = list(session.client.searches.list())
    if session.out.as_json:
        session.out.document({"items": found})
        return
    session.out.table(
        ["ID", "TITLE", "SEARCH"],
        [[bold(one["id"]), one["title"], one["url"]] for one in found],
    )
    if not found:
        session.out.next("connectory search slack --save TITLE")


@searches.command()
@click.argument("search_id", metavar="ID")
@click.argument("title")
@dry_run_option
@click.pass_obj
def rename(session: Session, search_id: str, title: str) -> None:
    r"""Give a saved search another title.

    \b
    Example:
        connectory searches rename ss_9DK4X7Q2M0ZA "Slack alerts"
    """
    session.client.searches.rename(search_id, title)
    if session.out.as_json:
        session.out.document({"id": search_id, "title": title})
        return
    session.out.show(GOOD, " ", bold(search_id), f" is called {title}")


@searches.command()
@click.argument("search_id", metavar="ID")
@dry_run_option
@click.pass_obj
def delete(session: Session, search_id: str) -> None:
    r"""Delete a saved search.

    \b
    Example:
        connectory searches delete ss_9DK4X7Q2M0ZA
    """
    session.client.searches.delete(search_id)
    if session.out.as_json:
        session.out.document({"id": search_id, "deleted": True})
        return
    session.out.show(GOOD, " Deleted ", bold(search_id))
