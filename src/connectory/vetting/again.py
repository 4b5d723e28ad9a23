"""Letting the checks run once more on bytes that they have seen."""

from dataclasses import dataclass
from typing import ClassVar

from connectory.access.rules import Actor, Role
from connectory.catalog.read import Version
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.vetting import store
from connectory.work import Event, Work


@dataclass(frozen=True, slots=True)
class ChecksAsked(Event):
    """Somebody wants the checks of a version to run once more."""

    digest: str


class NotMaintainerError(ConnectoryError):
    """Only members of the team that owns the namespace may do this."""

    kind: ClassVar[Kind] = Kind.NOT_ALLOWED
    code: ClassVar[str] = "not-maintainer"

    def __init__(self, label: str, team: str) -> None:
        super().__init__(
            f"{label} belongs to {team}, and you are not a member of it",
            hint=f"ask a member of {team}",
        )


def ask_again(work: Work, found: Version, by: Actor) -> None:
    """Let the checks of a version run again soon; until then it counts as not checked.

    Raises:
        NotMaintainerError: If the actor is no member of the version's team.
    """
    release = found.release
    if not by.has_role(Role.MEMBER, found.team):
        raise NotMaintainerError(release.label, found.team)
    if not store.ask_again(work, release.digest):
        digests = (release.digest, release.manifest_digest, release.package_digest)
        store.ask(work, *digests, release.label)
    work.emit(ChecksAsked(release.label, "", release.digest))
