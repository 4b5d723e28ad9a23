"""The JSON of connectors and versions, shared by every route that answers with one."""

import dataclasses

from pydantic import BaseModel

from connectory.catalog.compare import Difference
from connectory.catalog.read import Version
from connectory.catalog.rules import is_owner_claimed
from connectory.catalog.store import Release
from connectory.catalog.told import described
from connectory.catalog.written import card, facts, status
from connectory.manifest.surface import Surface


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
    owner_claimed: bool
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


class SimilarView(BaseModel):
    """A connector that does much the same: how much, 0 to 1, and why in words."""

    namespace: str
    id: str
    version: str
    name: str
    description: str
    status: str
    score: float
    reasons: list[str]
    url: str


class ChangeView(BaseModel):
    """One difference between two manifests."""

    path: str
    kind: str
    old: object
    new: object


class FileChangeView(BaseModel):
    """One file of the packages that differs, with its sizes in bytes.

    `lines` is a unified diff where the file is a small text, `""` where it is not.
    """

    path: str
    kind: str
    old_size: int | None
    new_size: int | None
    lines: str


class DiffView(BaseModel):
    """What differs from one version to another, and what of it exposes more or less."""

    old: str
    new: str
    changes: list[ChangeView]
    grown: dict[str, list[str]]
    shrunk: dict[str, list[str]]
    files: list[FileChangeView]


def version_card(release: Release) -> VersionCard:
    """Describe a version in a list."""
    return VersionCard.model_validate(card(release))


def status_view(release: Release) -> StatusView:
    """Say both statuses and what is still missing for the claimed one."""
    return StatusView.model_validate(status(release))


def version_view(found: Version, normal: dict[str, object]) -> VersionView:
    """Describe a version with everything the marketplace knows of it."""
    return VersionView.model_validate(
        {
            **facts(found.release, found.team),
            **described(found.manifest),
            "owner_claimed": is_owner_claimed(found.manifest.owner, found.team),
            "manifest": normal,
        }
    )


def diff_view(found: Difference) -> DiffView:
    """Say what differs between two versions and what of it exposes more or less."""
    return DiffView(
        old=found.old.release.version,
        new=found.new.release.version,
        changes=[ChangeView(**dataclasses.asdict(change)) for change in found.changes],
        grown=_parts(found.grown),
        shrunk=_parts(found.shrunk),
        files=[FileChangeView(**dataclasses.asdict(change)) for change in found.files],
    )


def _parts(delta: Surface) -> dict[str, list[str]]:
    return {part: names for part, names in delta.as_json().items() if names}
