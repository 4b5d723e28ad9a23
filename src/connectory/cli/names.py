"""Instances as people name them: `leads`, or `payments/leads`."""

import click

from connectory.cli import known
from connectory.cli.session import Session

team_option = click.option(
    "--team", shell_complete=known.teams, help="Whose; your only team when left out."
)


def which(session: Session, name: str, team: str | None) -> tuple[str, str]:
    """Return the team and the instance that are meant.

    Raises:
        TeamNeededError: If the name has no team, none is given and it is not clear.
    """
    before, _, instance = name.rpartition("/")
    return session.team(before or team), instance
