"""connectory quarantine."""

import time
from typing import ClassVar

import click

from connectory.cli import known
from connectory.cli.pieces import GOOD, WARN, bold, one_line
from connectory.cli.session import Session
from connectory.cli.verbs import Verb, dry_run_option
from connectory.client.catalog import BadReferenceError, Reference
from connectory.client.quarantines import Quarantine
from connectory.kernel.errors import ConnectoryError, Kind

WAIT_S = 30.0
POLL_S = 0.2
HELD = "quarantined"


class NotStoppedError(ConnectoryError):
    """A version is quarantined, and instances of it were not seen to be stopped in time."""

    kind: ClassVar[Kind] = Kind.TIMED_OUT
    code: ClassVar[str] = "not-stopped"

    def __init__(self, version: str) -> None:
        super().__init__(
            f"not all instances of {version} were stopped within {WAIT_S:g} s",
            hint=f"the server goes on with it; look again: `connectory quarantine {version}`",
        )


@click.command(cls=Verb)
@click.argument("connector", metavar="ID@VERSION", shell_complete=known.connectors)
@click.option("--reason", default="", help="Why; everybody who may see the version reads it.")
@click.option("--lift", is_flag=True, help="Let the version go on; needs --reason, too.")
@click.option(
    "--wait/--no-wait", default=True, help="Wait until all is stopped.", show_default=True
)
@dry_run_option
@click.pass_obj
def quarantine(
    session: Session, /, connector: str, reason: str, *, lift: bool, wait: bool
) -> None:
    r"""Stop a version at once, everywhere. Security reviewers and admins.

    Nothing is installed from it, changed to it or started any more. What runs it is stopped
    without a moment of grace and loses its credentials. Security reviewers alone lift it;
    afterwards each team resumes its instances itself. Without --reason: show how it stands.

    \b
    Example:
        connectory quarantine bizops/crm-to-slack-v1@1.3.0 --reason "leaks leads"
        connectory quarantine bizops/crm-to-slack-v1@1.3.0 --lift --reason "a false alarm"
    """
    named = Reference.parse(connector)
    if not named.version:
        raise BadReferenceError(connector)
    if lift and not reason:
        raise click.UsageError("--lift needs --reason")
    version, client = session.client.catalog.exactly(named), session.client.quarantines
    if lift:
        _show(session, client.lift(version, reason))
        return
    if not reason:
        _show(session, client.show(version))
        return
    began = time.monotonic()
    found = client.begin(version, reason)
    while wait and not found["stopped"]:
        if time.monotonic() - began > WAIT_S:
            raise NotStoppedError(found["version"])
        time.sleep(POLL_S)
        found = client.show(version)
    _show(session, found)


def _show(session: Session, found: Quarantine) -> None:
    out = session.out
    if out.as_json:
        out.document(found)
        return
    is_held = found["status"] == HELD
    out.show(WARN if is_held else GOOD, " ", bold(found["version"]), f" is {found['status']}")
    out.pairs([("by", found["by"]), ("at", found["at"]), ("why", one_line(found["reason"]))])
    if not found["instances"]:
        return
    out.show()
    out.table(
        ["INSTANCE", "STATE", "OWNERS"],
        [
            [bold(f"{one['team']}/{one['name']}"), one["state"], ", ".join(one["owners"])]
            for one in found["instances"]
        ],
    )
    waiting = next((one for one in found["instances"] if one["state"] == "suspended"), None)
    if waiting and not is_held:
        out.next(f"connectory resume {waiting['team']}/{waiting['name']}")
