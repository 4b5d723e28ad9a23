"""connectory status without a name: the server, who is signed in, what needs a look."""

from collections import Counter
from itertools import islice

from connectory.cli.pieces import Piece, bold, one_line
from connectory.cli.session import Session

LATEST = 5
WANTING = ("failed", "failing", "paused", "suspended")


def show_overall(session: Session, team: str) -> None:
    """Say how the instances of a team are, or of all teams of the caller."""
    client, out = session.client, session.out
    me = client.access.me()
    instances = list(client.instances.list(team))
    running = list(islice(client.operations.list(team=team or None, state="running"), LATEST))
    states = Counter(one["state"] for one in instances)
    if out.as_json:
        body = {"server": session.url, "account": me["account"], "instances": dict(states)}
        out.document({**body, "operations": running})
        return
    out.pairs(
        [
            ("server", session.url),
            ("account", bold(me["account"])),
            ("instances", ", ".join(f"{n} {state}" for state, n in sorted(states.items()))),
        ]
    )
    for one in instances:
        if one["state"] in WANTING:
            out.show("  ", bold(f"{one['team']}/{one['name']}"), "  ", _toned(one["state"]))
    for going in running:
        out.show(
            "  ", bold(going["id"]), "  ", one_line(f"{going['kind']} {going['instance']}")
        )
    out.next("connectory list" if instances else "connectory search")


def _toned(state: str) -> Piece:
    return Piece(state, "warn" if state == "paused" else "bad")
