"""What rules say of a version, or of a manifest that is not published."""

from typing import Any, Protocol

from connectory.catalog import read as catalog
from connectory.catalog.rules import Status
from connectory.manifest import loader
from connectory.policies import store
from connectory.policy.document import Circumstances, document
from connectory.work import Work

Document = dict[str, Any]


class Published(Protocol):
    """What has to be known of a version."""

    @property
    def digest(self) -> str:
        """What identifies its bytes."""

    @property
    def manifest_digest(self) -> str:
        """Which manifest it has."""

    @property
    def status(self) -> Status:
        """What the marketplace says of it."""


def of_manifest(raw: bytes, about: Circumstances) -> Document:
    """Return the document for a manifest as its author claims it to be.

    Raises:
        ManifestError: If it breaks the format.
    """
    return document(loader.load(raw), about)


def of_published(work: Work, release: Published, about: Circumstances) -> Document:
    """Return the document for a published version, with its effective status and images."""
    loaded = loader.load(catalog.manifest_bytes(work, release.manifest_digest))
    return document(
        loaded,
        about,
        status=release.status,
        bases=store.bases(work, [release.digest]).get(release.digest),
    )
