"""The JSON of a team's secrets."""

from pydantic import BaseModel

from connectory.instances.team_secrets import TeamSecret
from connectory.kernel.clock import rfc3339


class SecretView(BaseModel):
    """A secret of a team: everything but its value."""

    name: str
    path: str
    is_stored: bool
    version: int | None
    set_at: str | None
    set_by: str | None


def secret_view(one: TeamSecret) -> SecretView:
    """Describe a team's secret without its value."""
    entry = one.entry
    return SecretView(
        name=one.name,
        path=one.path,
        is_stored=entry is not None,
        version=entry.version if entry else None,
        set_at=rfc3339(entry.set_at) if entry else None,
        set_by=entry.set_by if entry else None,
    )
