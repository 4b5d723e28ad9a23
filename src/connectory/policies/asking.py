"""What rules say of a version, or of a manifest that is not published."""

from dataclasses import dataclass
from typing import Any

from connectory.catalog import read as catalog
from connectory.catalog.read import Version
from connectory.manifest import loader
from connectory.policies import store
from connectory.policy.document import REVIEW, document
from connectory.work import Work


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is to be decided, and where; empty where nobody says."""

    action: str = REVIEW
    environment: str = ""
    region: str = ""


def of_manifest(raw: bytes, about: Circumstances) -> dict[str, Any]:
    """Return the document for a manifest as its author claims it to be.

    Raises:
        ManifestError: If it breaks the format.
    """
    loaded = loader.load(raw)
    return document(
        loaded, action=about.action, environment=about.environment, region=about.region
    )


def of_version(work: Work, found: Version, about: Circumstances) -> dict[str, Any]:
    """Return the document for a published version, with its effective status and images."""
    release = found.release
    loaded = loader.load(catalog.manifest_bytes(work, release.manifest_digest))
    return document(
        loaded,
        status=release.status,
        action=about.action,
        environment=about.environment,
        region=about.region,
        bases=store.bases(work, [release.digest]).get(release.digest),
    )
