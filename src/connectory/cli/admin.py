"""connectory admin link: back in, for whoever may read the data directory."""

from pathlib import Path

import click

from connectory import settings
from connectory.app import recovery
from connectory.cli.session import Session
from connectory.cli.verbs import Noun

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group(cls=Noun)
def admin() -> None:
    r"""Get back in as the admin, with the rights of the account that runs the server.

    \b
    Example:
        connectory admin link --data /srv/connectory
    """


@admin.command()
@click.option("--data", type=FOLDER, help="Data directory.  [default: that of `up`]")
@click.option("--dry-run", is_flag=True, help="Only say what would be made.")
@click.pass_obj
def link(session: Session, *, data: Path | None, dry_run: bool) -> None:
    r"""Make a link that signs in as the admin, once, within 15 minutes.

    It works beside a running server, which need not restart, and leaves an entry in the log.
    Where the server has another address than the settings here say, give it with --url.

    \b
    Example:
        connectory admin link --data /srv/connectory
    """
    chosen = settings.load(data=data)
    if dry_run:
        _preview(session, chosen.data)
        return
    server = session.flags.url or session.environment.url or chosen.url
    made = f"{server.rstrip('/')}{recovery.admin_link(chosen).reveal()}"
    if session.out.as_json:
        session.out.document({"sign_in": made})
        return
    session.out.show(made)
    session.out.say("It works once, within 15 minutes; the log has an entry of it")


def _preview(session: Session, data: Path) -> None:
    if session.out.as_json:
        session.out.document({"dry_run": True, "data": str(data)})
    else:
        session.out.show(f"Would make a link that signs in as admin of {data}")
