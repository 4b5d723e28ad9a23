"""What a quarantine does to instances, for pages and answers."""

from pydantic import BaseModel

from connectory.access import read as access
from connectory.access.rules import Actor, Reviewer
from connectory.catalog import read as catalog
from connectory.catalog.read import Version
from connectory.catalog.rules import Status
from connectory.instances import quarantine_store, suspending
from connectory.instances.rules import InstanceState
from connectory.instances.store import Instance
from connectory.kernel.clock import rfc3339
from connectory.work import Work


class AffectedView(BaseModel):
    """An instance of a version, and the accounts that own its team."""

    team: str
    name: str
    state: str
    owners: list[str]
    url: str


class QuarantineView(BaseModel):
    """Whether a version is quarantined: by whom, since when, why, and the instances of it.

    `stopped` says that none of these instances can have a process any more.
    """

    version: str
    digest: str
    status: str
    reason: str
    by: str
    at: str
    stopped: bool
    instances: list[AffectedView]


class StopView(BaseModel):
    """Why an instance is stopped by policy; `lifted` says that it may be resumed."""

    version: str
    reason: str
    by: str
    at: str
    lifted: bool
    next: str


def view(work: Work, found: Version, by: Actor) -> QuarantineView:
    """Describe the quarantine of a version to somebody who may see it."""
    release = found.release
    affected = quarantine_store.of_release(work, release.digest)
    sees_all = by.is_admin or Reviewer.SECURITY in access.reviewer_kinds(work, by.name)
    suspended = all(one.state is InstanceState.SUSPENDED for one in affected)
    return QuarantineView(
        version=release.label,
        digest=release.digest,
        status=release.status,
        reason=release.status_reason,
        by=release.status_by,
        at=rfc3339(release.status_at),
        stopped=release.status is Status.QUARANTINED and suspended,
        instances=[
            AffectedView(
                team=one.team,
                name=one.name,
                state=one.state,
                owners=suspending.owners(work, one.team),
                url=f"/t/{one.team}/i/{one.name}",
            )
            for one in affected
            if sees_all or one.team in by.teams
        ],
    )


def stop_of(work: Work, one: Instance) -> StopView | None:
    """Say why an instance is stopped by policy; None if it is not."""
    found = catalog.by_digest(work, one.connector, one.version, one.digest)
    if found is None:
        return None
    release, label = found.release, one.label
    is_held = release.status is Status.QUARANTINED
    if not is_held and one.state is not InstanceState.SUSPENDED:
        return None
    onward = f"upgrade to another version: `connectory upgrade {label} --to VERSION`"
    return StopView(
        version=release.label,
        reason=release.status_reason,
        by=release.status_by,
        at=rfc3339(release.status_at),
        lifted=not is_held,
        next=onward if is_held else f"start it again: `connectory resume {label}`",
    )
