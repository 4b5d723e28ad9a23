"""Put a version into the catalog, once and for ever."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from connectory.catalog import identity, store
from connectory.catalog.rules import EFFECTIVE, Name, Status, release_digest
from connectory.catalog.store import NewRelease, Release
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.manifest.loader import Loaded
from connectory.work import Event, Work


@dataclass(frozen=True, slots=True)
class VersionPublished(Event):
    """A version entered the catalog. `status` is the effective one, `claimed` the author's."""

    digest: str
    manifest_digest: str
    package_digest: str | None
    claimed: str
    status: str


class VersionExistsError(ConnectoryError):
    """This version was published before, with other contents."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "version-exists"

    def __init__(self, stored: Release, manifest: str, package: str | None) -> None:
        super().__init__(
            f"{stored.label} already exists with different contents",
            hint="raise `version` in manifest.yaml; a published version never changes",
            field="version",
            stored_manifest=stored.manifest_digest,
            sent_manifest=manifest,
            stored_package=stored.package_digest or "",
            sent_package=package or "",
            published_by=stored.published_by,
        )


@dataclass(frozen=True, slots=True)
class Added:
    """The version in the catalog, and whether it is new there."""

    release: Release
    created: bool


def add_version(work: Work, name: Name, loaded: Loaded, package: str | None) -> Added:
    """Add a version, or recognise it when the very same bytes are there already.

    `package` None beside a stored package means "the one you have": a publisher that sends the
    manifest again need not send the package again.

    Raises:
        VersionExistsError: If the version exists with another manifest or package.
        IdTooSimilarError, IdReservedError: If a new id is not free for this namespace.
    """
    connector, is_new = _connector(work, name)
    version = loaded.manifest.version
    stored = None if is_new else store.release(work, name, version)
    if stored is not None:
        if stored.manifest_digest != loaded.digest or package not in {
            None,
            stored.package_digest,
        }:
            raise VersionExistsError(stored, loaded.digest, package)
        return Added(stored, created=False)
    claimed = Status(loaded.manifest.vetting_status or Status.DRAFT)
    new = NewRelease(
        name=name,
        version=version,
        digest=release_digest(loaded.digest, package),
        manifest_digest=loaded.digest,
        package_digest=package,
        claimed=claimed,
        status=EFFECTIVE[claimed],
    )
    store.add_manifest(work, loaded.digest, loaded.raw, loaded.normal)
    added = store.add_release(work, connector, new)
    _announce(work, added)
    return Added(added, created=True)


def _connector(work: Work, name: Name) -> tuple[str, bool]:
    """Return the id of a connector, held until the transaction ends, and whether it is new."""
    held = store.hold_connector(work, name)
    if held is not None:
        return held, False
    identity.claim(work, name)
    added = store.add_connector(work, name)
    if added is not None:
        return added, True
    held = store.hold_connector(work, name)
    if held is None:
        raise AssertionError(f"{name.key} vanished, and connectors are never deleted")
    return held, False


def _announce(work: Work, added: Release) -> None:
    work.emit(
        VersionPublished(
            subject=added.label,
            team="",
            digest=added.digest,
            manifest_digest=added.manifest_digest,
            package_digest=added.package_digest,
            claimed=added.claimed,
            status=added.status,
        )
    )


def add_authors(work: Work, release: Release, accounts: Iterable[str]) -> None:
    """Note who wrote a version beside its publisher; they cannot sign it off."""
    for account in sorted(accounts):
        store.add_author(work, release.id, account)


def add_documents(work: Work, release: Release, documents: dict[str, str]) -> None:
    """Keep the texts of a new version (`readme`, `runbook`, `deploy`), but no empty one."""
    for kind, content in documents.items():
        if content:
            store.add_document(work, release.id, kind, content)
