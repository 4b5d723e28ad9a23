"""Stopping a version, and letting it go on from the status that it had."""

from typing import ClassVar

from connectory.catalog import store
from connectory.catalog.decide import ReasonMissingError, status_changed
from connectory.catalog.rules import HOLDABLE, Status, StatusMoveError
from connectory.catalog.store import Release
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.work import Work


class NotQuarantinedError(ConnectoryError):
    """A quarantine is to be lifted, and there is none."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "not-quarantined"

    def __init__(self, label: str, status: Status) -> None:
        super().__init__(
            f"{label} is not quarantined, it is {status}", hint=f"look at it: /c/{label}"
        )


def quarantine(work: Work, release: Release, reason: str) -> Release:
    """Stop a version from now on; one that is stopped already stays as it is.

    Raises:
        ReasonMissingError: If no reason is given.
        StatusMoveError: If it is a draft.
    """
    if not reason.strip():
        raise ReasonMissingError
    now = release
    while now.status in HOLDABLE:
        if store.set_status(work, now, Status.QUARANTINED, reason, held_from=now.status):
            work.emit(status_changed(work, now, Status.QUARANTINED, reason))
            return _again(work, now)
        now = _again(work, now)  # it moved meanwhile
    if now.status is not Status.QUARANTINED:
        raise StatusMoveError(now.label, now.status, Status.QUARANTINED)
    return now


def lift(work: Work, release: Release, reason: str) -> Release:
    """Give a version the status back that it had before.

    Raises:
        ReasonMissingError: If no reason is given.
        NotQuarantinedError: If it is not quarantined, or no more.
    """
    if not reason.strip():
        raise ReasonMissingError
    after = release.held_from
    if after is None or not store.set_status(work, release, after, reason):
        raise NotQuarantinedError(release.label, _again(work, release).status)
    work.emit(status_changed(work, release, after, reason))
    return _again(work, release)


def _again(work: Work, release: Release) -> Release:
    return store.release(work, release.name, release.version) or release
