"""What the JSON of a connector says beside its manifest: its versions and how they stand."""

from collections.abc import Iterable

from connectory.catalog.rules import Status
from connectory.catalog.store import Release
from connectory.kernel.clock import rfc3339


def facts(release: Release, team: str) -> dict[str, object]:
    """Return what the JSON of a version says beside its manifest."""
    return {
        "namespace": release.name.namespace,
        "id": release.name.id,
        "team": team,
        "version": release.version,
        "digest": release.digest,
        "manifest_digest": release.manifest_digest,
        "package_digest": release.package_digest,
        "status": status(release),
        "published_at": rfc3339(release.published_at),
        "published_by": release.published_by,
        "url": page_of(release),
    }


def of_connector(shown: Release, team: str, releases: Iterable[Release]) -> dict[str, object]:
    """Return what the JSON of a connector says beside its manifest; the newest come first."""
    known = list(releases)
    latest = next((one for one in known if one.status is Status.APPROVED), None)
    return {
        **facts(shown, team),
        "latest": card(latest) if latest else None,
        "versions": [card(release) for release in known],
    }


def card(release: Release) -> dict[str, str]:
    """Return what a list of versions says of one."""
    return {
        "version": release.version,
        "status": release.status,
        "digest": release.digest,
        "published_at": rfc3339(release.published_at),
        "published_by": release.published_by,
        "url": page_of(release),
    }


def status(release: Release) -> dict[str, object]:
    """Return both statuses and what is still missing for the claimed one."""
    is_waiting = release.claimed is Status.APPROVED and release.status is Status.REVIEW
    return {
        "claimed": release.claimed,
        "effective": release.status,
        "missing": ["approval"] if is_waiting else [],
        "reason": release.status_reason,
        "by": release.status_by,
        "at": rfc3339(release.status_at),
    }


def page_of(release: Release) -> str:
    """Return the path of a version's page."""
    return f"/c/{release.name.key}@{release.version}"
