"""Move a version to another status by somebody's recorded decision."""

from dataclasses import dataclass
from typing import ClassVar

from connectory.catalog import read, rules, store
from connectory.catalog.rules import Status, StatusMoveError
from connectory.catalog.store import Release
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.work import Event, Work


@dataclass(frozen=True, slots=True)
class VersionStatusChanged(Event):
    """A version has another status. `own_work` says that who brought it decided it."""

    digest: str
    before: str
    after: str
    reason: str
    own_work: bool


class ReasonMissingError(ConnectoryError):
    """A decision was sent without its reason."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "reason-missing"

    def __init__(self) -> None:
        super().__init__(
            "a decision needs a reason", hint="say why in `message`", field="message"
        )


def set_status(work: Work, release: Release, wanted: Status, reason: str) -> Release:
    """Record a decision about one version and return the version as it is afterwards.

    Raises:
        ReasonMissingError: If no reason is given.
        StatusMoveError: If the rules do not allow the move, or the status changed meanwhile.
    """
    if not reason.strip():
        raise ReasonMissingError
    rules.check_move(release.label, release.status, wanted)
    if not store.set_status(work, release, wanted, reason):
        now = store.release(work, release.name, release.version) or release
        raise StatusMoveError(release.label, now.status, wanted)
    work.emit(status_changed(work, release, wanted, reason))
    return store.release(work, release.name, release.version) or release


def status_changed(
    work: Work, before: Release, after: Status, reason: str
) -> VersionStatusChanged:
    """Return the event of a version that gets another status now."""
    return VersionStatusChanged(
        subject=before.label,
        team="",
        digest=before.digest,
        before=before.status,
        after=after,
        reason=reason,
        own_work=work.origin.actor in read.authors(work, before),
    )
