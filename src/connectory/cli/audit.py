"""connectory audit verify | list."""

from itertools import islice

import click

from connectory.cli import known
from connectory.cli.pieces import BAD, GOOD, bold, dim
from connectory.cli.session import Session
from connectory.cli.verbs import Noun


@click.group(cls=Noun)
def audit() -> None:
    r"""Read and verify the audit log.

    \b
    Example:
        connectory audit verify
    """


@audit.command()
@click.pass_obj
def verify(session: Session) -> None:
    r"""Let the server recompute the chain of the audit log. Exits 1 when it is broken.

    \b
    Example:
        connectory audit verify
    """
    found = session.client.audit.verify()
    broken = found["broken"]
    if session.out.as_json:
        session.out.document(found)
    elif broken is None:
        session.out.show(
            GOOD, f" {found['entries']:,} entries, chain intact", dim(f"  {found['chain']}")
        )
    else:
        place = f"{broken['event']} (position {broken['position']:,})"
        session.out.show(BAD, f" the chain is broken at {place}: {broken['reason']}")
    if broken is not None:
        raise click.exceptions.Exit(1)


@audit.command("list")
@click.option("--team", default="", shell_complete=known.teams, help="Only about this team.")
@click.option("--after", type=click.IntRange(0), default=0, help="Only after this position.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.pass_obj
def list_(session: Session, team: str, after: int, limit: int) -> None:
    r"""Read the audit log.

    \b
    Example:
        connectory audit list --team payments --limit 20
    """
    found = list(islice(session.client.audit.list(team, after=after), limit))
    if session.out.as_json:
        session.out.document({"items": found})
        return
    session.out.table(
        ["POSITION", "AT", "WHO", "WHAT", "ABOUT"],
        [
            [
                str(one["position"]),
                one["at"],
                bold(one["actor"]),
                one["kind"],
                one["subject"],
            ]
            for one in found
        ],
    )
