"""connectory login, logout, whoami."""

import sys

import click

from connectory.cli.pieces import GOOD, WARN, bold, dim
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.client.address import is_loopback, normal_url
from connectory.kernel.secret import Secret

HOW = "put it on standard input: connectory login --token-stdin < token.txt"


@click.command(cls=Verb)
@click.argument("server", required=False, metavar="[URL]")
@click.option("--token-stdin", is_flag=True, help="Read the token from standard input.")
@click.pass_obj
def login(session: Session, server: str | None, *, token_stdin: bool) -> None:
    r"""Sign in to the server at URL with an access token and make it the one to talk to.

    The token is checked, then kept in ~/.config/connectory/credentials.json, which nobody else
    may read. It is never taken from the command line, where other processes could see it.

    \b
    Example:
        connectory login https://connectory.corp.example --token-stdin < token.txt
    """
    url = normal_url(server) if server else session.url
    if url.startswith("http://") and not is_loopback(url):
        session.out.say(WARN, " ", "the token travels unencrypted; https:// would protect it")
    token = _from_stdin() if token_stdin else session.hidden("Token", HOW)
    me = session.client_for(url, token).access.me()
    session.credentials.store(url, token, me["account"])
    if session.out.as_json:
        session.out.document({"server": url, **me})
        return
    teams = ", ".join(team["slug"] for team in me["teams"])
    session.out.show(GOOD, " Signed in to ", bold(url), " as ", bold(me["account"]))
    session.out.say(
        dim(f"  teams: {teams or 'none'}   token kept in {session.credentials.path}")
    )
    session.out.next("connectory search slack", "connectory list")


@click.command(cls=Verb)
@click.argument("server", required=False, metavar="[URL]")
@click.pass_obj
def logout(session: Session, server: str | None) -> None:
    r"""Forget the token that is kept for the server at URL.

    The token itself goes on working for others who have it; `connectory token revoke` ends it.

    \b
    Example:
        connectory logout
    """
    url = normal_url(server) if server else session.url
    forgotten = session.credentials.forget(url)
    if session.out.as_json:
        session.out.document({"server": url, "forgotten": forgotten})
    elif forgotten:
        session.out.show(GOOD, " Signed out of ", bold(url))
    else:
        session.out.show("No token was kept for ", bold(url))


@click.command(cls=Verb)
@click.pass_obj
def whoami(session: Session) -> None:
    r"""Say which account the token belongs to, and what it may do.

    \b
    Example:
        connectory whoami
    """
    me = session.client.access.me()
    if session.out.as_json:
        session.out.document({"server": session.url, **me})
        return
    chosen = me.get("preferences")
    session.out.pairs(
        [
            ("account", bold(me["account"])),
            ("server", session.url),
            ("admin", "yes" if me["admin"] else "no"),
            ("teams", ", ".join(f"{team['slug']} ({team['role']})" for team in me["teams"])),
            ("reviews as", ", ".join(me["reviewer"])),
            ("by", me["via"]),
            ("theme", chosen["theme"] if chosen else ""),
            ("density", chosen["density"] if chosen else ""),
            ("time zone", chosen["zone"] if chosen else ""),
        ]
    )


def _from_stdin() -> Secret:
    text = "" if sys.stdin is None else sys.stdin.read().strip()
    if not text:
        raise click.UsageError("standard input has no token")
    return Secret(text)
