"""connectory up: runs the server in this process."""

import webbrowser
from pathlib import Path

import click

from connectory import settings
from connectory.app import logs
from connectory.app.serve import Ready, serve
from connectory.cli.pieces import GOOD
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.gates.disk import free_bytes

ADMIN = "admin"
GIGABYTE = 1_000_000_000


@click.command(cls=Verb)
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory of everything that is kept.",
)
@click.option("--demo", is_flag=True, help="Set up the demo teams and the stand-ins.")
@click.option("--no-browser", is_flag=True, help="Do not open the browser.")
@click.option(
    "--admin-token-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write an admin token to this file, readable by you alone.",
)
@click.pass_obj
def up(  # noqa: PLR0913  one parameter per option
    session: Session,
    *,
    host: str | None,
    port: int | None,
    data: Path | None,
    demo: bool,
    no_browser: bool,
    admin_token_file: Path | None,
) -> None:
    r"""Start a marketplace on this machine and serve until Ctrl-C.

    \b
    Example:
        connectory up --demo
        connectory up --data /srv/connectory --port 7600 --no-browser
    """
    chosen = settings.load(host=host, port=port, data=data, demo=demo or None)
    logs.set_up("info" if session.flags.verbose else chosen.log_level)
    opens = not (no_browser or session.flags.as_json or session.flags.no_input)

    def tell(ready: Ready) -> None:
        if session.out.as_json:
            session.out.record(_as_json(ready))
            return
        # scripts bring their own token; a person's next command should just work
        session.credentials.store(ready.url, ready.token, ADMIN)
        _say(session, ready)
        if opens:
            webbrowser.open(ready.sign_in.reveal())

    serve(chosen, tell, admin_token=admin_token_file)


def _as_json(ready: Ready) -> dict[str, object]:
    return {
        "ready": True,
        "url": ready.url,
        "data": str(ready.data),
        "standins": ready.standins,
        "sign_in": ready.sign_in.reveal(),
    }


def _say(session: Session, ready: Ready) -> None:
    out = session.out
    free = free_bytes(ready.data) // GIGABYTE
    created = "created, " if ready.is_new else ""
    out.say(GOOD, f" Data directory   {ready.data} ({created}0700, {free} GB free)")
    out.say(GOOD, f" Starter pack     {len(ready.starters)} connectors, approved by “starter”")
    for name, url in ready.standins.items():
        out.say(GOOD, f" Stand-in         {name} at {url}")
    out.say(GOOD, f" Ready            {ready.url}")
    out.say("  Commands         in another terminal are signed in as admin")
    out.say(f"  Sign in          {ready.sign_in.reveal()}  (once, within 15 minutes)")
    out.say("  Stop             Ctrl-C          Check    connectory doctor")
    out.next("connectory search slack")
