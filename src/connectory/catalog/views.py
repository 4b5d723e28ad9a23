"""The JSON of connectors and versions, shared by every route that answers with one."""

import dataclasses

from pydantic import BaseModel

from connectory.catalog.read import Version
from connectory.catalog.rules import Status
from connectory.catalog.store import Release
from connectory.kernel.clock import rfc3339
from connectory.manifest.diff import Change
from connectory.manifest.permissions import in_words
from connectory.manifest.surface import surface


class StatusView(BaseModel):
    """What the author claims beside what the marketplace knows."""

    claimed: str
    effective: str
    missing: list[str]
    reason: str
    by: str
    at: str


class PermissionsView(BaseModel):
    """What an instance will be able to do, and what it will not, in words."""

    will: list[str]
    will_not: list[str]


class VersionCard(BaseModel):
    """One version in a list."""

    version: str
    status: str
    digest: str
    published_at: str
    published_by: str
    url: str


class VersionView(BaseModel):
    """One version, whole."""

    namespace: str
    id: str
    name: str
    description: str
    owner: str
    team: str
    version: str
    digest: str
    manifest_digest: str
    package_digest: str | None
    status: StatusView
    manifest: dict[str, object]
    surface: dict[str, list[str]]
    permissions: PermissionsView
    published_at: str
    published_by: str
    url: str


class ConnectorView(VersionView):
    """A connector: the version that stands for it, and the list of all."""

    latest: VersionCard | None
    versions: list[VersionCard]


class ChangeView(BaseModel):
    """One difference between two manifests."""

    path: str
    kind: str
    old: object
    new: object


class DiffView(BaseModel):
    """What differs from one version to another, and what of it exposes more."""

    old: str
    new: str
    changes: list[ChangeView]
    grown: dict[str, list[str]]


def status_view(release: Release) -> StatusView:
    """Say both statuses and what is still missing for the claimed one."""
    missing = []
    if release.claimed is Status.APPROVED and release.status is Status.REVIEW:
        missing = ["approval"]
    return StatusView(
        claimed=release.claimed,
        effective=release.status,
        missing=missing,
        reason=release.status_reason,
        by=release.status_by,
        at=rfc3339(release.status_at),
    )


def version_card(release: Release) -> VersionCard:
    """Describe a version in a list."""
    return VersionCard(
        version=release.version,
        status=release.status,
        digest=release.digest,
        published_at=rfc3339(release.published_at),
        published_by=release.published_by,
        url=page_of(release),
    )


def version_view(found: Version, normal: dict[str, object]) -> VersionView:
    """Describe a version with everything the marketplace knows of it."""
    release, manifest = found.release, found.manifest
    words = in_words(manifest)
    exposed = dataclasses.asdict(surface(manifest))
    return VersionView(
        namespace=release.name.namespace,
        id=release.name.id,
        name=manifest.name,
        description=manifest.description,
        owner=manifest.owner,
        team=found.team,
        version=release.version,
        digest=release.digest,
        manifest_digest=release.manifest_digest,
        package_digest=release.package_digest,
        status=status_view(release),
        manifest=normal,
        surface={part: sorted(names) for part, names in exposed.items()},
        permissions=PermissionsView(will=list(words.will), will_not=list(words.will_not)),
        published_at=rfc3339(release.published_at),
        published_by=release.published_by,
        url=page_of(release),
    )


def connector_view(
    found: Version, normal: dict[str, object], releases: list[Release]
) -> ConnectorView:
    """Describe a connector by the version that stands for it."""
    latest = next((r for r in releases if r.status is Status.APPROVED), None)
    return ConnectorView(
        **version_view(found, normal).model_dump(),
        latest=version_card(latest) if latest else None,
        versions=[version_card(release) for release in releases],
    )


def page_of(release: Release) -> str:
    """Return the path of a version's page."""
    return f"/c/{release.name.key}@{release.version}"


def diff_view(old: Version, new: Version, changes: tuple[Change, ...]) -> DiffView:
    """Say what differs between two versions and what of it exposes more."""
    grown = dataclasses.asdict(surface(new.manifest).grown_since(surface(old.manifest)))
    return DiffView(
        old=old.release.version,
        new=new.release.version,
        changes=[ChangeView(**dataclasses.asdict(change)) for change in changes],
        grown={part: sorted(names) for part, names in grown.items() if names},
    )
